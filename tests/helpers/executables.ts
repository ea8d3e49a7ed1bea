/**
 * The executables that `deno task compile` makes, run where there is nothing else: no Deno, no Node, no project.
 *
 * @module
 */
import { join } from "node:path";
import { type Ended, ROOT, TestProcess } from "./process.ts";

export const REQUIRED = Deno.env.get("STEWARD_REQUIRE_INTEROP") === "1";
/** All that a self-extracting executable may call. */
const TOOLS = ["sh", "tail", "gzip", "tar", "wc", "find", "cksum", "mkdir", "mv", "rm", "id", "touch", "sha256sum"];

/** Compiles into a folder. @returns What the task said. */
export async function compileInto(
  directory: string,
  { flags = [], env = {} }: { readonly flags?: readonly string[]; readonly env?: Readonly<Record<string, string>> } =
    {},
): Promise<string> {
  const args = ["tools/compile.ts", "--output", directory, ...flags];
  await using compile = new TestProcess(null, { runtime: [Deno.execPath(), "run", "-A"], args, env });
  const { code, stdout, stderr } = await compile.end({ withinMs: 120_000 });
  if (code !== 0) throw new Error(`compile failed\n${stdout}\n${stderr}`);
  return stdout;
}

/** A machine with nothing on it: an empty home, an empty folder to be in and the few tools of every system. */
export class BareMachine implements AsyncDisposable {
  private constructor(
    readonly root: string,
    /** Where the executables are. */
    readonly executables: string,
    readonly env: Readonly<Record<string, string>>,
  ) {}

  static async create(executables: string): Promise<BareMachine> {
    const root = await Deno.makeTempDir({ prefix: "steward-bare-" });
    for (const folder of ["home", "tmp", "work", "bin"]) await Deno.mkdir(join(root, folder));
    for (const tool of TOOLS) {
      const found = ["/usr/bin", "/bin"].map((folder) => join(folder, tool)).find(isFile);
      if (found !== undefined) await Deno.symlink(found, join(root, "bin", tool));
    }
    const env = {
      PATH: join(root, "bin"),
      HOME: join(root, "home"),
      TMPDIR: join(root, "tmp"),
      DENO_DIR: "/proc",
    };
    return new BareMachine(root, executables, env);
  }

  get cache(): string {
    return join(this.root, "home", Deno.build.os === "darwin" ? "Library/Caches" : ".cache", "steward");
  }

  get work(): string {
    return join(this.root, "work");
  }

  /** Starts a program; `executable` is another file than the usual one. */
  start(
    program: "steward" | "steward-server",
    args: readonly string[],
    { env = {}, executable = join(this.executables, program) }: {
      readonly env?: Readonly<Record<string, string>>;
      readonly executable?: string;
    } = {},
  ): TestProcess {
    return new TestProcess(null, { runtime: [executable], args, cwd: this.work, env: { ...this.env, ...env } });
  }

  async run(...given: Parameters<BareMachine["start"]>): Promise<Ended> {
    await using process = this.start(...given);
    await process.stdin.close();
    return await process.end();
  }

  /** Starts the server on a folder of this machine. @returns It, and where it listens. */
  async serve(data: string, port = 0): Promise<{ readonly process: TestProcess; readonly address: string }> {
    const process = this.start("steward-server", ["--listen", `127.0.0.1:${port}`, "--data", data]);
    try {
      const [, address] = await process.seen(/listening on http:\/\/(\S+)/);
      return { process, address: address! };
    } catch (error) {
      await process[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.root, { recursive: true });
  }
}

export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

export const DIST = join(ROOT, "dist");
