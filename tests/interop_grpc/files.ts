import { fileURLToPath } from "node:url";
import { loadSchema, type Schema } from "../../lib/schema/mod.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The contract, and the services of the interop cases. */
export function interopSchema(): Schema {
  return loadSchema(path("../../proto"), path("./proto"));
}

/** A certificate for localhost, signed by itself. */
export const certificateFile = path("../fixtures/tls/cert.pem");
export const keyFile = path("../fixtures/tls/key.pem");
