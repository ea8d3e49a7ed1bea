/**
 * Channels: addresses, credentials, retries.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { Buffer } from "node:buffer";
import { type ChannelCredentials, type ChannelOptions, Client, credentials } from "@grpc/grpc-js";
import type { DescMethod } from "@bufbuild/protobuf";
import { LocalError, reasonOf } from "../failure.ts";
import type { Settings } from "../settings.ts";
import { retryConfig } from "./retries.ts";

const GZIP = 2;
/** Sent as the server's name when only addresses are known: TLS has no place for those, and Deno throws on one. */
const NO_NAME = "address.invalid";

/**
 * A client for the servers of the settings. It connects with the first call.
 *
 * @param retried Methods to try again on UNAVAILABLE.
 */
export async function openClient(settings: Settings, retried: readonly DescMethod[]): Promise<Client> {
  const target = await targetOf(settings.servers);
  const hosts = settings.servers.map(hostOf);
  const options: ChannelOptions = {
    "grpc.service_config": JSON.stringify({
      ...(settings.servers.length > 1 && { loadBalancingConfig: [{ round_robin: {} }] }),
      methodConfig: retryConfig(retried),
    }),
    "grpc.service_config_disable_resolution": 1,
    // How much to take is the user's decision, made by asking for it.
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 2000,
    "grpc.primary_user_agent": "steward",
    ...(settings.gzip && { "grpc.default_compression_algorithm": GZIP }),
    "grpc.default_authority": authorityOf(settings.servers[0]!),
    ...(settings.tls && { "grpc.ssl_target_name_override": hosts.find((host) => isIP(host) === 0) ?? NO_NAME }),
  };
  return new Client(target, await credentialsOf(settings, hosts), options);
}

/** What grpc-js connects to. It takes several addresses of one family, but only one host name. */
async function targetOf(servers: readonly string[]): Promise<string> {
  const [first] = servers;
  if (servers.length === 1) return /^(unix|dns|ipv4|ipv6):/.test(first!) ? first! : `dns:${first}`;
  const addresses = await Promise.all(servers.map(resolve));
  const family = ([4, 6] as const).find((one) => addresses.every((address) => address.families.has(one)));
  if (family === undefined) {
    throw new LocalError("the servers must all have IPv4 addresses, or all IPv6 addresses");
  }
  const list = addresses.flatMap(({ families, port }) =>
    families.get(family)!.map((host) => family === 4 ? `${host}:${port}` : `[${host}]:${port}`)
  );
  return `ipv${family}:${list.join(",")}`;
}

async function resolve(server: string): Promise<{ families: Map<number, string[]>; port: string }> {
  const port = /:(\d+)$/.exec(server)?.[1] ?? "443";
  const host = hostOf(server);
  const families = new Map<number, string[]>();
  try {
    const found = isIP(host) ? [{ address: host, family: isIP(host) }] : await lookup(host, { all: true });
    for (const { address, family } of found) families.set(family, [...(families.get(family) ?? []), address]);
  } catch (error) {
    throw new LocalError(`cannot find the address of ${host}: ${reasonOf(error)}`, undefined, { cause: error });
  }
  return { families, port };
}

function authorityOf(server: string): string {
  return server.startsWith("unix:") ? "localhost" : server.replace(/^(dns|ipv4|ipv6):(\/\/\/?)?/, "");
}

/** The host of `HOST:PORT`, without brackets. */
export function hostOf(server: string): string {
  return server.replace(/^(dns|ipv4|ipv6):(\/\/\/?)?/, "").replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}

/**
 * The certificate must be for one of the hosts that were named, by name or by address, whichever of them it was that
 * grpc-js connected to and whatever name it sent.
 */
async function credentialsOf({ tls, ca, cert, key }: Settings, hosts: readonly string[]): Promise<ChannelCredentials> {
  if (!tls) return credentials.createInsecure();
  const [root, privateKey, chain] = await Promise.all([
    readPem(ca, "--ca"),
    readPem(key, "--key"),
    readPem(cert, "--cert"),
  ]);
  try {
    return credentials.createSsl(root, privateKey, chain, {
      checkServerIdentity: (_name, certificate) => {
        const problems = hosts.map((host) => checkServerIdentity(host, certificate as PeerCertificate));
        return problems.includes(undefined) ? undefined : problems[0];
      },
    });
  } catch (error) {
    throw new LocalError(`the certificates cannot be used: ${reasonOf(error)}`, undefined, { cause: error });
  }
}

async function readPem(path: string | undefined, flag: string): Promise<Buffer | null> {
  if (path === undefined) return null;
  try {
    return Buffer.from(await Deno.readFile(path));
  } catch (error) {
    throw new LocalError(`${flag}: cannot read ${path}: ${reasonOf(error)}`, undefined, { cause: error });
  }
}
