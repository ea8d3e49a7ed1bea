import { join } from "node:path";
import { type Content, type Lane, type RunningLane, SEEDED_ITEMS } from "./bench.ts";
import { ownClient } from "./own_client.ts";
import { cpuSeconds } from "./process.ts";

/** The servers of a bench, each on a data folder of its own. */
export class Servers {
  readonly #directory: string;
  readonly #shared = new Map<string, Promise<RunningLane>>();
  readonly #seeds = new Map<string, Promise<string>>();
  readonly #fresh: RunningLane[] = [];
  #folders = 0;

  /** @param directory Where data folders are made. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The server of a lane that all loads use; the first one starts it. */
  shared(lane: Lane, content: Content): Promise<RunningLane> {
    const key = `${lane.name} ${content}`;
    let server = this.#shared.get(key);
    if (!server) this.#shared.set(key, server = this.#start(lane, content));
    return server;
  }

  /** A server that is stopped by {@linkcode stopFresh}. */
  async fresh(lane: Lane, content: Content): Promise<RunningLane> {
    const server = await this.#start(lane, content);
    this.#fresh.push(server);
    return server;
  }

  async stopFresh(): Promise<void> {
    await Promise.all(this.#fresh.splice(0).map((server) => server.stop()));
  }

  /** Gives up the shared servers of a lane, which may be gone or in disorder; the next load gets new ones. */
  async replaceShared(lane: Lane): Promise<void> {
    for (const content of ["empty", "seeded"]) {
      const key = `${lane.name} ${content}`;
      const server = await this.#shared.get(key)?.catch(() => undefined);
      this.#shared.delete(key);
      await server?.stop();
    }
  }

  /** CPU time of the servers that run, in seconds. */
  async cpuSeconds(): Promise<number> {
    const running = await Promise.allSettled(this.#shared.values());
    const pids = [...running.flatMap((each) => each.status === "fulfilled" ? [each.value] : []), ...this.#fresh];
    return pids.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
  }

  async stopAll(): Promise<void> {
    await this.stopFresh();
    const shared = await Promise.allSettled(this.#shared.values());
    await Promise.all(shared.map((server) => server.status === "fulfilled" ? server.value.stop() : undefined));
  }

  async #start(lane: Lane, content: Content): Promise<RunningLane> {
    const data = this.#folder(lane);
    if (content === "empty") return await lane.start(data);
    let seed = this.#seeds.get(lane.name);
    if (!seed) this.#seeds.set(lane.name, seed = this.#seed(lane));
    await copyFolder(await seed, data);
    return await lane.start(data);
  }

  /** Fills a folder once; servers get copies. */
  async #seed(lane: Lane): Promise<string> {
    const data = this.#folder(lane);
    if (lane.peer) {
      await lane.peer.seed(data);
      return data;
    }
    const server = await lane.start(data);
    try {
      await ownClient(server, { kind: "seed", rows: SEEDED_ITEMS, frozen: true });
    } finally {
      await server.stop();
    }
    return data;
  }

  #folder(lane: Lane): string {
    return join(this.#directory, `${lane.name}-${++this.#folders}`);
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isFile } of Deno.readDir(from)) {
    if (isFile && !name.endsWith(".lock")) await Deno.copyFile(join(from, name), join(to, name));
  }
}
