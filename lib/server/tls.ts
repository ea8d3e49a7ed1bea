import type { Config } from "../config/mod.ts";
import type { ListenOptions } from "../transport/transport.ts";

/** Thrown when the files of TLS cannot be used; its message is a sentence for people. */
export class TlsError extends Error {
  override readonly name = "TlsError";
}

/**
 * The certificate and key that the configuration names.
 *
 * @throws TlsError when only one is named, or a file cannot be read or is not PEM.
 */
export function readTls({ tlsCert, tlsKey }: Config): Pick<ListenOptions, "tls"> {
  if (tlsCert === "" && tlsKey === "") return {};
  if (tlsCert === "" || tlsKey === "") throw new TlsError("TLS takes both --tls-cert and --tls-key");
  return { tls: { certificate: readPem("--tls-cert", tlsCert), key: readPem("--tls-key", tlsKey) } };
}

function readPem(flag: string, path: string): string {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    throw new TlsError(`${flag}: cannot read '${path}': ${(error as Error).message}`, { cause: error });
  }
  if (!text.includes("-----BEGIN ")) throw new TlsError(`${flag}: '${path}' is not PEM`);
  return text;
}
