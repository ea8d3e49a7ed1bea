/**
 * Runs the interop cases against a server, with the channel and the calls of the CLI. Prints a line of JSON for each:
 * its name, and how it failed or null.
 *
 *     deno run -A tests/interop_grpc/client.ts HOST:PORT [tls] [gzip]
 *
 * @module
 */
import { Connection } from "../../lib/cli/grpc/call.ts";
import { openClient } from "../../lib/cli/grpc/channel.ts";
import { fileDescriptors, typeRegistry } from "../../lib/schema/mod.ts";
import { within } from "../helpers/process.ts";
import { CASES, GZIP_CASES, type Surroundings } from "./client_cases.ts";
import { certificateFile, interopSchema } from "./files.ts";

const CASE_MS = 20_000;

const [address = "", ...traits] = Deno.args;
const tls = traits.includes("tls");
const registry = typeRegistry(fileDescriptors(interopSchema().root));

for (const [name, run] of Object.entries({ ...CASES, ...traits.includes("gzip") ? GZIP_CASES : {} })) {
  const opened: Connection[] = [];
  const connect: Surroundings["connect"] = async ({ headers = [], timeoutMs, gzip = false } = {}) => {
    const client = await openClient({
      servers: [address],
      timeoutMs,
      headers,
      tls,
      ca: tls ? certificateFile : undefined,
      cert: undefined,
      key: undefined,
      gzip,
      format: undefined,
      envelope: false,
      verbose: false,
    }, []);
    const connection = new Connection(client, { registry, headers, timeoutMs });
    opened.push(connection);
    return connection;
  };
  const failure = await within(run({ registry, connect }).then(() => null, String), CASE_MS);
  for (const connection of opened) connection.close();
  console.log(JSON.stringify({ name, failure: failure === undefined ? `not within ${CASE_MS} ms` : failure }));
}
Deno.exit(0);
