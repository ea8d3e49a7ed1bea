/**
 * Drives h2load (Debian package nghttp2-client): a generator in C that costs less than any server here.
 *
 * @module
 */
import type { Method } from "../lib/schema/mod.ts";
import { framed } from "./client/messages.ts";
import { cpuSeconds, output } from "./process.ts";
import { percentile } from "./statistics.ts";

/** How much to ask: for so long, or so many requests. */
export type Extent = { readonly seconds: number } | { readonly requests: number };

export interface H2loadRun {
  readonly address: string;
  readonly serverPid: number;
  readonly method: Method;
  /** The same for every call: h2load varies nothing. */
  readonly request: object;
  /** Calls in flight at any time. */
  readonly callers: number;
  readonly extent: Extent;
  /** For the body and the log. */
  readonly scratch: string;
}

export interface H2loadResult {
  readonly calls: number;
  readonly seconds: number;
  readonly serverCpuSeconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Bytes of messages with their prefixes. */
  readonly bytes: number;
}

const MAX_CONNECTIONS = 8;

/** The command line of a load, as a person would type it. */
export function h2loadCommand(path: string, callers: number, extent: Extent): string {
  const args = h2loadArgs(`http://ADDRESS${path}`, callers, extent, "BODY", "LOG");
  return ["h2load", ...args.map((arg) => arg.includes(" ") ? `'${arg}'` : arg)].join(" ");
}

function h2loadArgs(url: string, callers: number, extent: Extent, body: string, log: string): string[] {
  const connections = Math.min(MAX_CONNECTIONS, callers);
  return [
    ...("seconds" in extent ? ["-D", `${Math.round(extent.seconds * 1000)}ms`] : ["-n", String(extent.requests)]),
    ...["-c", String(connections), "-m", String(Math.ceil(callers / connections))],
    ...["-d", body, "-H", "content-type: application/grpc", "-H", "te: trailers", `--log-file=${log}`],
    url,
  ];
}

/** @throws When h2load is missing or a request failed as HTTP. */
export async function h2load(run: H2loadRun): Promise<H2loadResult> {
  const body = `${run.scratch}/body`;
  const log = `${run.scratch}/log`;
  await Deno.writeFile(body, framed(run.method.input.encode(run.request)));
  await Deno.remove(log).catch(() => {});
  const url = `http://${run.address}${run.method.path}`;
  const cpuBefore = cpuSeconds(run.serverPid);
  const printed = await output("h2load", h2loadArgs(url, run.callers, run.extent, body, log));
  const serverCpuSeconds = cpuSeconds(run.serverPid) - cpuBefore;
  return { ...parseH2load(printed, await Deno.readTextFile(log)), serverCpuSeconds };
}

/** @throws When a request failed as HTTP, or the output is not that of h2load. */
export function parseH2load(printed: string, log: string): Omit<H2loadResult, "serverCpuSeconds"> {
  const requests = /requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored/.exec(
    printed,
  );
  const data = /traffic: .* \((\d+)\) data$/m.exec(printed);
  const finished = /finished in ([\d.]+)(us|ms|s),/.exec(printed);
  if (!requests || !data || !finished) throw new Error(`not an output of h2load: ${printed.slice(-500)}`);
  const [, done, succeeded, failed, errored] = requests.map(Number);
  if (done === 0 || done !== succeeded) {
    throw new Error(`h2load: ${succeeded} of ${done} requests succeeded, ${failed} failed, ${errored} errored`);
  }
  const times = Float64Array.from(log.trimEnd().split("\n"), (line) => Number(line.split("\t")[2]) / 1000).sort();
  return {
    calls: done!,
    seconds: Number(finished[1]) * { us: 1e-6, ms: 1e-3, s: 1 }[finished[2] as "us" | "ms" | "s"],
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    bytes: Number(data[1]),
  };
}
