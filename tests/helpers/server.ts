/**
 * The real server in a process of its own.
 *
 * @module
 */
import { TestProcess } from "./process.ts";

export interface ServerOptions {
  /** Flags besides --listen and --data. */
  readonly args?: readonly string[];
  /** The data directory; by default a fresh one that goes with the server. */
  readonly data?: string;
  /** 0 picks a free one; give the old one to restart a server where it was. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A server that is ready. `await using` stops it. */
export interface ServerProcess extends AsyncDisposable {
  /** `HOST:PORT` */
  readonly address: string;
  readonly port: number;
  readonly data: string;
  readonly process: TestProcess;
  /** Ends it with SIGTERM and fails unless it ends well: in time and with exit code 0. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL. */
  kill(): Promise<void>;
}

/** Starts main.ts and waits until it says that it listens. */
export async function startServer({ args = [], data, port = 0, env = {} }: ServerOptions = {}): Promise<ServerProcess> {
  const directory = data ?? await Deno.makeTempDir({ prefix: "steward-" });
  const process = new TestProcess("main.ts", {
    args: ["--listen", `127.0.0.1:${port}`, "--data", directory, ...args],
    env,
    runtime: [Deno.execPath(), "run", "--quiet", "--unstable-no-legacy-abort", "-A"],
  });
  const removeData = async () => {
    if (data === undefined) await Deno.remove(directory, { recursive: true });
  };
  let address: string;
  try {
    [, address = ""] = await process.seen(/listening on https?:\/\/(\S+)/);
  } catch (error) {
    await process[Symbol.asyncDispose]();
    await removeData();
    throw error;
  }
  let over = false;
  const stop = async () => {
    if (over) return;
    over = true;
    process.kill("SIGTERM");
    try {
      const { code, signal, stderr } = await process.end();
      if (code !== 0) throw new Error(`the server ended with ${signal ?? code}\n${stderr}`);
    } finally {
      await removeData();
    }
  };
  const kill = async () => {
    if (over) return;
    over = true;
    process.kill("SIGKILL");
    await process.end();
    await removeData();
  };
  return {
    address,
    port: Number(address.slice(address.lastIndexOf(":") + 1)),
    data: directory,
    process,
    stop,
    kill,
    [Symbol.asyncDispose]: stop,
  };
}
