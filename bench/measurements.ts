import type { Sample } from "./bench.ts";

/** What a timed load gives, whoever made it. */
export interface Timed {
  readonly calls: number;
  readonly seconds: number;
  readonly serverCpuSeconds: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

/** The figures of a load of calls. */
export function callFigures({ calls, seconds, serverCpuSeconds, p50Ms = NaN, p99Ms = NaN }: Timed): Sample {
  return [
    { name: "calls", unit: "/s", value: calls / seconds },
    { name: "p50", unit: "ms", value: p50Ms },
    { name: "p99", unit: "ms", value: p99Ms },
    { name: "server CPU per call", unit: "µs", value: serverCpuSeconds * 1e6 / calls },
    busy({ seconds, serverCpuSeconds }),
  ];
}

/** How much of one core the server used: below about 95 % something else was the limit. */
export function busy({ seconds, serverCpuSeconds }: Pick<Timed, "seconds" | "serverCpuSeconds">): Sample[number] {
  return { name: "server CPU", unit: "%", value: 100 * serverCpuSeconds / seconds };
}
