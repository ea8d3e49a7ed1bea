/**
 * The tour of the README, typed as a reader would: each `sh` block of the client that a `text` block follows is run by a
 * shell, and what it prints is compared with that text.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { type Block, blocksOf } from "./helpers/markdown.ts";
import { ROOT, TestProcess } from "./helpers/process.ts";
import { startServer } from "./helpers/server.ts";

const readme = await Deno.readTextFile(`${ROOT}README.md`);

/** What is never the same twice, in the order in which it is replaced. */
const CHANGING: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z/g, "TIME"],
  [/request id: \S+/g, "request id: ID"],
  [/demo-[0-9a-f]{8}/g, "demo-ID"],
  [/in \d+\.\d s\b/g, "in N s"],
];
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

const start = readme.indexOf("\n## Start");
const end = readme.indexOf("\n## From other programs");
const blocks = blocksOf(readme.slice(start, end));

/** Only space lies between them. */
function directlyFollows(first: Block, second: Block): boolean {
  return readme.slice(start + first.end, start + second.start).trim() === "";
}

Deno.test({
  name: "the tour of the README does what the README says",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = await temporaryFolder();
    await Deno.symlink(Deno.execPath(), join(folder.path, "deno"));
    const data = join(folder.path, "data");
    let server = await startServer({ data });
    await using tour = new Tour(folder.path, server.address);
    try {
      for (const [index, block] of blocks.entries()) {
        const expected = blocks[index + 1]?.language === "text" ? blocks[index + 1] : undefined;
        if (block.language !== "sh") {
          if (blocks[index - 1]?.language !== "sh") await tour.compareWatch(block);
        } else if (block.text === "deno task start\n") {
          assertEquals(started(server.process.stdout), started(expected!.text));
        } else if (block.text.startsWith("steward() {")) {
          tour.prelude = block.text;
        } else if (/^steward \w+ watch/.test(block.text)) {
          await tour.watch(block);
        } else if (block.text.startsWith("steward ")) {
          if (expected && directlyFollows(block, expected)) {
            await tour.run(block, expected);
            continue;
          }
          await tour.run(block);
          if (tour.restarted) continue;
          // The reader restarts the server after the first change that the watch has shown.
          await tour.watched(/#\d+ +updated/);
          await server.stop();
          await tour.watched(/the server has gone/);
          server = await startServer({ data, port: server.port });
          tour.restarted = true;
        }
      }
      await tour.interrupt();
      assert(tour.restarted && tour.ran >= 14, `${tour.ran} blocks were run`);
    } finally {
      await server.stop();
    }
  },
});

/** A shell that knows `steward`, a server, and the ids of the README. */
class Tour implements AsyncDisposable {
  prelude = "";
  ran = 0;
  restarted = false;
  readonly #env: Record<string, string>;
  readonly #ids = new Map<string, string>();
  #watch: TestProcess | undefined;

  constructor(bin: string, server: string) {
    this.#env = {
      PATH: `${bin}:${Deno.env.get("PATH")}`,
      STEWARD_SERVER: server,
      STEWARD_CONFIG: join(bin, "no-profiles.json"),
      // As on a terminal of a hundred columns.
      STEWARD_OUTPUT: "table",
      COLUMNS: "100",
    };
  }

  /** Runs a block and compares what it prints, if it is known what that should be. */
  async run({ text }: Block, expected?: Block): Promise<void> {
    await using shell = this.#shell(`${this.prelude}\n${text}`);
    const { code, stdout } = await shell.end();
    this.ran++;
    if (expected === undefined) return assertEquals(code, 0, `${text}\n${stdout}`);
    const ids = [...stdout.matchAll(UUID)];
    for (const [index, [id]] of [...expected.text.matchAll(UUID)].entries()) {
      if (!this.#ids.has(id)) this.#ids.set(id, ids[index]?.[0] ?? id);
    }
    assertPrinted(stdout, this.#withIds(expected.text), text);
  }

  /** Starts a block that goes on until the tour is over. */
  async watch({ text }: Block): Promise<void> {
    assert(this.#watch === undefined, "only one watch at a time");
    this.#watch = this.#shell(text.replace(/^steward/, "exec deno task -q client"));
    await this.watched(/up to date/);
  }

  async watched(pattern: RegExp): Promise<void> {
    assert(this.#watch !== undefined, `nothing could show ${pattern}`);
    await this.#watch.seen(pattern);
  }

  async compareWatch({ text }: Block): Promise<void> {
    const last = text.trimEnd().split("\n").at(-1)!;
    await this.watched(new RegExp(`^${last.replaceAll(/\W/g, "\\$&")}$`, "m"));
    assertPrinted(this.#watch!.stdout, text, "the watch");
  }

  /** Ends the watch as Ctrl-C does. */
  async interrupt(): Promise<void> {
    this.#watch!.kill("SIGINT");
    assertEquals((await this.#watch!.end()).code, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // To deno task, which passes it on; SIGKILL would leave the client behind.
    this.#watch?.kill("SIGTERM");
    await this.#watch?.end();
  }

  #shell(commands: string): TestProcess {
    const script = `exec 2>&1\n${this.#withIds(commands)}`;
    return new TestProcess("", { runtime: ["sh", "-c", script], args: [], env: this.#env });
  }

  #withIds(text: string): string {
    return text.replaceAll(UUID, (id) => this.#ids.get(id) ?? id);
  }
}

function same(text: string): string {
  return CHANGING.reduce((changed, [pattern, replacement]) => changed.replaceAll(pattern, replacement), text);
}

/** Compares line by line. A line `...` stands for any number of lines. */
function assertPrinted(printed: string, expected: string, what: string): void {
  const lines = same(printed).trimEnd().split("\n");
  const message = (line: string) => `${what}\nhas no line ${line}\nit printed:\n${printed}`;
  let inTable = false;
  let skipping = false;
  for (const line of same(expected).trimEnd().split("\n")) {
    if (line === "...") {
      skipping = true;
      continue;
    }
    // A table has more room here than on a terminal.
    if (line.startsWith("no room for ")) continue;
    inTable ||= /^ *[A-Z]{2,} {2}/.test(line);
    const fits = inTable ? fitsRow : (one: string | undefined) => one === line;
    if (skipping) { while (lines.length > 0 && !fits(lines[0], line)) lines.shift(); }
    skipping = false;
    assert(fits(lines.shift(), line), message(line));
  }
  assert(skipping || lines.length === 0, `${what}\nprinted more:\n${lines.join("\n")}`);
}

/** Whether a row has the cells of another that may be cut off or left out. */
function fitsRow(row: string | undefined, expected: string): boolean {
  const cells = row?.trim().split(/ {2,}/) ?? [];
  return expected.trim().split(/ {2,}/).every((cell) => {
    const start = cell.endsWith("…") ? cell.slice(0, -1) : undefined;
    const found = cells.findIndex((one) => start === undefined ? one === cell : one.startsWith(start));
    cells.splice(0, found + 1);
    return found >= 0;
  });
}

/** What the server says when it starts, without what depends on where. */
function started(text: string): string {
  return text.replace(/:\d+$/m, ":PORT").replace(/(database +)\S+(?=\/steward\.db)/, "$1DIR")
    .replace(/--server \S+ /, "").trimEnd();
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "steward-readme-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
