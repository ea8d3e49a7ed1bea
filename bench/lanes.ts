/**
 * Our own lanes: main.ts as a process of its own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Lane, RunningLane } from "./bench.ts";
import { sleep } from "./process.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LISTENING = /listening on http:\/\/(\S+)/;
const START_MS = 30_000;
const STOP_MS = 15_000;

export const LANES: readonly Lane[] = [
  steward("native", ["--transport", "native", "--log-level", "warn"]),
  steward("grpc-js", ["--transport", "grpc-js", "--log-level", "warn"]),
  // Not in the default run: what a line of log for every call costs.
  steward("native-logged", ["--transport", "native", "--log-level", "info"]),
];

export const DEFAULT_LANES = ["native", "grpc-js"];

function steward(name: string, flags: readonly string[]): Lane {
  return {
    name,
    command: ["deno run -A main.ts --listen 127.0.0.1:0 --data DIR", ...flags].join(" "),
    start: (data) =>
      startProcess(
        Deno.execPath(),
        ["run", "-A", "main.ts", "--listen", "127.0.0.1:0", "--data", data, ...flags],
        data,
      ),
  };
}

/** Starts a server that prints `listening on http://HOST:PORT`. Its stderr goes to a file beside its data. */
export async function startProcess(
  command: string,
  args: readonly string[],
  data: string,
  cwd = ROOT,
): Promise<RunningLane> {
  const log = `${data}.log`;
  const startedAt = performance.now();
  // The shell gives stderr a file, as a service manager would, and becomes the server.
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", 'log=$1; shift; exec "$@" 2>"$log"', "sh", log, command, ...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const stop = async () => {
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended.
    }
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await child.status;
    clearTimeout(late);
  };
  const lines = linesOf(child.stdout);
  const address = await Promise.race([lines.find(LISTENING), sleep(START_MS)]);
  const listeningAt = performance.now();
  if (!address) {
    await stop();
    throw new Error(`${args.join(" ")} did not start: ${(await Deno.readTextFile(log)).trim().slice(-2000)}`);
  }
  return { address, pid: child.pid, startedAt, listeningAt, stop };
}

function linesOf(stream: ReadableStream<Uint8Array>) {
  return {
    /** The first group of the first match; undefined when the stream ends before. Reads on, so that nobody blocks. */
    find: (pattern: RegExp) =>
      new Promise<string | undefined>((resolve) => {
        let text = "";
        let found = false;
        stream.pipeThrough(new TextDecoderStream()).pipeTo(
          new WritableStream({
            write(chunk) {
              if (found) return;
              text += chunk;
              const match = pattern.exec(text);
              if (match && text.indexOf("\n", match.index) >= 0) resolve((found = true, match[1]));
            },
          }),
        ).finally(() => resolve(undefined));
      }),
  };
}
