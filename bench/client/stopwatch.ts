import { cpuSeconds } from "../process.ts";
import { percentile } from "../statistics.ts";
import type { Report } from "./job.ts";

/** Collects the times of calls, and what they cost the server, in one part of a load. */
export class Stopwatch {
  readonly #pid: number;
  readonly #startedAt = performance.now();
  readonly #cpuAtStart: number;
  readonly #times: number[] = [];

  constructor(serverPid: number) {
    this.#pid = serverPid;
    this.#cpuAtStart = cpuSeconds(serverPid);
  }

  add(milliseconds: number): void {
    this.#times.push(milliseconds);
  }

  report(more: Partial<Report> = {}): Report {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const serverCpuSeconds = cpuSeconds(this.#pid) - this.#cpuAtStart;
    const sorted = Float64Array.from(this.#times).sort();
    const [p50Ms, p99Ms] = [percentile(sorted, 0.5), percentile(sorted, 0.99)];
    return { calls: sorted.length, seconds, serverCpuSeconds, p50Ms, p99Ms, ...more };
  }
}
