import { type Config, ConfigError } from "../config/mod.ts";
import type { ListenOptions } from "../transport/transport.ts";

/**
 * The certificate and key that the configuration names.
 *
 * @throws ConfigError when only one is named, or a file cannot be read or is not PEM.
 */
export function readTls({ tlsCert, tlsKey }: Config): Pick<ListenOptions, "tls"> {
  if (tlsCert === "" && tlsKey === "") return {};
  if (tlsCert === "" || tlsKey === "") throw new ConfigError("TLS takes both --tls-cert and --tls-key");
  return { tls: { certificate: readPem("--tls-cert", tlsCert), key: readPem("--tls-key", tlsKey) } };
}

function readPem(flag: string, path: string): string {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    throw new ConfigError(`${flag}: cannot read '${path}': ${(error as Error).message}`);
  }
  if (!text.includes("-----BEGIN ")) throw new ConfigError(`${flag}: '${path}' is not PEM`);
  return text;
}
