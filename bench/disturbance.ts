import { familyCpuSeconds, machineBusySeconds } from "./process.ts";
import type { Servers } from "./servers.ts";

/** Finds out how much of the machine others used meanwhile, who make a figure worse than it is. */
export class Disturbance {
  readonly #servers: Servers;
  readonly #startedAt = performance.now();
  readonly #others: number;

  static async begin(servers: Servers): Promise<Disturbance> {
    return new Disturbance(servers, await othersSeconds(servers));
  }

  private constructor(servers: Servers, others: number) {
    this.#servers = servers;
    this.#others = others;
  }

  /** What others used since the beginning, in percent of one core. */
  async percent(): Promise<number> {
    const seconds = await othersSeconds(this.#servers) - this.#others;
    return Math.max(0, 100 * seconds / ((performance.now() - this.#startedAt) / 1000));
  }
}

/** All that the machine did but for the harness, its children that have ended and the servers. */
async function othersSeconds(servers: Servers): Promise<number> {
  return machineBusySeconds() - familyCpuSeconds(Deno.pid) - await servers.cpuSeconds();
}
