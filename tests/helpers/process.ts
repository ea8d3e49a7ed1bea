/**
 * Processes whose output can be waited for.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface ProcessOptions {
  /** Of the program, after the runtime's own. */
  readonly args: readonly string[];
  /** Beside PATH, HOME and Deno's own variables, which are passed on; nothing else is. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What runs the script: a program and the arguments before the script; Deno by default. */
  readonly runtime?: readonly [program: string, ...args: string[]];
}

const DENO = [Deno.execPath(), "run", "--quiet", "-A"] as const;

export interface Ended {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

const PASSED_ON = ["PATH", "HOME", "DENO_DIR", "NPM_CONFIG_REGISTRY", "npm_config_registry", "TMPDIR", "SYSTEMROOT"];

/** A program, running: of this repository, or one that its tests need. */
export class TestProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  readonly #ended: Promise<Deno.CommandStatus>;
  #over: Deno.CommandStatus | undefined;
  #stdout = "";
  #stderr = "";
  #changed = Promise.withResolvers<void>();

  /** @param script Within the repository; null when the runtime is the whole program. */
  constructor(
    script: string | null,
    { args, env = {}, cwd = ROOT, runtime: [program, ...before] = DENO }: ProcessOptions,
  ) {
    const passed = PASSED_ON.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    });
    this.#child = new Deno.Command(program, {
      args: [...before, ...script === null ? [] : [`${ROOT}${script}`], ...args],
      clearEnv: true,
      env: { ...Object.fromEntries(passed), NO_COLOR: "1", ...env },
      cwd,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#reading = Promise.all([
      this.#read(this.#child.stdout, (text) => this.#stdout += text),
      this.#read(this.#child.stderr, (text) => this.#stderr += text),
    ]).then(() => {});
    this.#ended = this.#child.status.then((status) => {
      this.#over = status;
      this.#change();
      return status;
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get running(): boolean {
    return this.#over === undefined;
  }

  /** For what the program reads; close it to end its input. */
  get stdin(): WritableStream<Uint8Array<ArrayBufferLike>> {
    return this.#child.stdin;
  }

  /** Waits until the output matches. @throws When the process ends before, or the time is over. */
  async seen(
    pattern: RegExp,
    { on = "stdout" as "stdout" | "stderr", withinMs = 20_000 } = {},
  ): Promise<RegExpExecArray> {
    const end = performance.now() + withinMs;
    while (true) {
      // What a process has said before its end may still be on its way.
      if (!this.running) await this.#reading;
      const match = pattern.exec(on === "stdout" ? this.#stdout : this.#stderr);
      if (match) return match;
      const left = end - performance.now();
      if (left <= 0 || !this.running) {
        const why = left <= 0 ? `not within ${withinMs} ms` : "the process has ended";
        throw new Error(`${pattern} on ${on}: ${why}\nstdout: ${this.#stdout}\nstderr: ${this.#stderr}`);
      }
      await within(this.#changed.promise, left);
    }
  }

  kill(signal: Deno.Signal): void {
    if (this.running) this.#child.kill(signal);
  }

  /** Waits for its end. @throws When that does not come in time, after killing it. */
  async end({ withinMs = 30_000 } = {}): Promise<Ended> {
    const status = await within(this.#ended, withinMs);
    if (status === undefined) {
      this.kill("SIGKILL");
      await this.#ended;
      await this.#reading;
      throw new Error(`still running after ${withinMs} ms\nstdout: ${this.#stdout}\nstderr: ${this.#stderr}`);
    }
    await this.#reading;
    try {
      await this.#child.stdin.close();
    } catch {
      // It was closed before, or the process closed it.
    }
    return { code: status.code, signal: status.signal, stdout: this.#stdout, stderr: this.#stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.end();
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>, take: (text: string) => void): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      take(text);
      this.#change();
    }
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** What the promise gives, or undefined when the time is over. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<undefined>((resolve) => timer = setTimeout(() => resolve(undefined), ms)),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
