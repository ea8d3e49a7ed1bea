/**
 * The server's commands beside `serve`, as processes: check, backup and restore.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { status as codes } from "@grpc/grpc-js";
import manifest from "../../deno.json" with { type: "json" };
import { TestClient } from "../helpers/grpc_client.ts";
import { type Ended, TestProcess } from "../helpers/process.ts";
import { startServer } from "../helpers/server.ts";
import { contractSchema, withDirectory } from "../helpers/steward.ts";
import { until } from "../helpers/wait.ts";

/** As the start task runs it, with no more permissions. */
const RUNTIME = [
  Deno.execPath(),
  "run",
  "--quiet",
  "--no-prompt",
  ...manifest.tasks.start.command.match(/--\S+/g)!,
] as const;

/** Runs main.ts to its end. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  await using process = new TestProcess("main.ts", { args, env, runtime: [...RUNTIME] });
  return await process.end();
}

const ITEMS = 200;
/** So that a copy takes long enough for many writes. */
const FILLER_ITEMS = 30_000;
const WRITERS = 8;

/** Writes until it is told to stop: stock goes up and down, and tasks take materials and give them back. */
class WriteLoad {
  readonly #clients: TestClient[];
  readonly #writers: Promise<void>[];
  #stopped = false;
  /** Writes that were acknowledged. */
  acknowledged = 0;

  constructor(address: string) {
    this.#clients = Array.from({ length: WRITERS }, () => new TestClient(address, contractSchema()));
    this.#writers = this.#clients.map((client, writer) => this.#write(client, writer));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#writers);
    for (const client of this.#clients) client.close();
  }

  async #write(client: TestClient, writer: number): Promise<void> {
    for (let round = 0; !this.#stopped; round++) {
      const name = `item ${(writer * 31 + round * 7) % ITEMS}`;
      await client.ask("inventory.Inventory/AdjustStock", { name, delta: round % 3 === 2 ? -1 : 2, reason: "load" });
      const materials = [{ item: name, quantity: 1 }];
      const { task } = await client.ask<{ task: { id: string } }>("taskmanager.TaskManager/CreateTask", {
        title: `task ${writer} ${round}`,
        materials,
      });
      await client.ask("taskmanager.TaskManager/UpdateTask", { id: task.id, status: "TASK_STATUS_DONE" });
      this.acknowledged += 3;
    }
  }
}

async function fill(client: TestClient): Promise<void> {
  const rowsOf = (prefix: string, count: number, location: string) =>
    Array.from({ length: count }, (_, n) => ({ item: { name: `${prefix} ${n}`, quantity: 100, location } }));
  const rows = [...rowsOf("item", ITEMS, ""), ...rowsOf("filler", FILLER_ITEMS, "x".repeat(150))];
  const batches = [];
  for (let start = 0; start < rows.length; start += 2000) batches.push({ rows: rows.slice(start, start + 2000) });
  const { status } = await client.call("inventory.Inventory/ImportItems", batches);
  assertEquals(status.code, codes.OK);
}

/** Read by SQLite alone: the pages are whole, quantities are sums, the log has no hole, tasks moved what they used. */
function assertConsistent(path: string, revision: number): void {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    assertEquals(db.prepare("PRAGMA integrity_check").all().map((row) => ({ ...row })), [{ integrity_check: "ok" }]);
    assertEquals(db.prepare("PRAGMA journal_mode").get()!.journal_mode, "delete");
    const log = db.prepare("SELECT min(revision) AS low, max(revision) AS high, count(*) AS n FROM changes").get()!;
    assertEquals([log.low, log.high, log.n], [1, revision, revision]);
    assertEquals(db.prepare("SELECT revision FROM state").get()!.revision, revision);
    const wrong = db.prepare(
      "SELECT name FROM items WHERE quantity != (SELECT sum(delta) FROM movements WHERE item = name)",
    ).all();
    assertEquals(wrong, []);
    const torn = db.prepare(`
      SELECT id FROM tasks LEFT JOIN (SELECT task_id, sum(delta) AS moved FROM movements GROUP BY task_id) ON task_id = id
      WHERE ifnull(moved, 0) != iif(status = 3, -1, 0)
    `).all();
    assertEquals(torn, []);
    assertEquals(db.prepare("SELECT count(*) AS n FROM movements WHERE revision > ?").get(revision)!.n, 0);
  } finally {
    db.close();
  }
}

Deno.test("a backup taken under load is of one moment, and a server goes on from it where others cannot", () =>
  withDirectory(async (parent) => {
    const file = `${parent}/backup.db`;
    let ahead: number;
    let copied = 0;
    {
      await using server = await startServer({ data: `${parent}/data`, args: ["--log-level", "warn"] });
      const client = new TestClient(server.address, contractSchema());
      await fill(client);
      const load = new WriteLoad(server.address);
      await until("the load runs", () => load.acknowledged > 100, { withinMs: 30_000 });
      for (let round = 1; round <= 3; round++) {
        const before = load.acknowledged;
        const { code, stdout, stderr } = await run(["backup", "--force", "--data", server.data, file]);
        assertEquals(code, 0, stderr);
        assert(load.acknowledged > before, "nothing was written meanwhile");
        const revision = Number(/at revision (\d+)$/m.exec(stdout)?.[1]);
        assert(revision > copied, `${revision} after ${copied}`);
        copied = revision;
        assertConsistent(file, revision);
        const { size, mode } = await Deno.stat(file);
        assertEquals(mode! & 0o777, 0o600);
        assertStringIncludes(stdout, `${file}, ${(size / 2 ** 20).toFixed(1)} MiB`);
        assertMatch(stdout, /^ {2}took {6}\d+\.\d\d s$/m);
      }
      await until("the server is ahead of the copy", () => load.acknowledged > 200);
      await load.stop();
      const adjusted = await client.ask<{ item: { revision: string } }>("inventory.Inventory/AdjustStock", {
        name: "item 0",
        delta: 1,
      });
      ahead = Number(adjusted.item.revision);
      client.close();
    }
    assertEquals([...Deno.readDirSync(parent)].map(({ name }) => name).toSorted(), ["backup.db", "data"]);
    const restored = await run(["restore", file, "--data", `${parent}/again`]);
    assertEquals([restored.code, restored.stderr], [0, ""]);
    assertMatch(restored.stdout, new RegExp(`at revision ${copied}$`, "m"));
    await using server = await startServer({ data: `${parent}/again` });
    assertMatch(server.process.stdout, new RegExp(`at revision ${copied}$`, "m"));
    const client = new TestClient(server.address, contractSchema());
    for (const [since, code] of [[ahead, codes.OUT_OF_RANGE], [copied, codes.OK]] as const) {
      const watch = client.open("inventory.Inventory/WatchItems");
      watch.send({ since_revision: since });
      watch.finish();
      if (code === codes.OK) {
        await watch.headers;
        await client.ask("inventory.Inventory/AdjustStock", { name: "item 1", delta: 1 });
        await watch.count(1);
        watch.cancel();
      } else assertEquals((await watch.received).status.code, code);
    }
    client.close();
  }));

Deno.test("a backup that cannot be made says why in one line and ends with 1", () =>
  withDirectory(async (parent) => {
    const data = `${parent}/data`;
    const file = `${parent}/backup.db`;
    const none = await run(["backup", file, "--data", data]);
    assertEquals([none.code, none.stdout, none.stderr], [1, "", `steward-server: ${data}/steward.db is not there\n`]);
    await (await startServer({ data })).stop();
    await Deno.writeTextFile(file, "precious");
    const taken = await run(["backup", file], { STEWARD_DATA: data });
    assertEquals(taken.code, 1);
    assertMatch(taken.stderr, /^steward-server: .*backup\.db is there already.*--force to replace it\n$/);
    const wrong = await run(["backup"]);
    assertEquals([wrong.code, wrong.stderr], [2, "steward-server: backup needs the name of a FILE\nTry --help.\n"]);
  }));

Deno.test("a restore into a folder that a server has is refused, and the server goes on", () =>
  withDirectory(async (parent) => {
    const file = `${parent}/backup.db`;
    await using server = await startServer({ data: `${parent}/data` });
    assertEquals((await run(["backup", file, "--data", server.data])).code, 0);
    const { code, stderr } = await run(["restore", file, "--data", server.data]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, `in use by a server (process ${server.process.pid})`);
    const client = new TestClient(server.address, contractSchema());
    await client.ask("inventory.Inventory/AddItem", { name: "still here" });
    client.close();
  }));

Deno.test("a check says what it finds beside a server, after it, and after a crash", () =>
  withDirectory(async (parent) => {
    const data = `${parent}/data of 5 % ?#é`;
    const before = await run(["check", "--data", data]);
    assertEquals([before.code, before.stderr], [0, ""]);
    assertStringIncludes(before.stdout, "none yet");
    assertEquals([...Deno.readDirSync(parent)], []);
    const check = async () => {
      const { code, stdout, stderr } = await run(["check", "--grace", "3s"], { STEWARD_DATA: data });
      assertEquals([code, stderr], [0, ""], stdout);
      return stdout;
    };
    const server = await startServer({ data });
    const client = new TestClient(server.address, contractSchema());
    await client.ask("inventory.Inventory/AddItem", { name: "Widget", quantity: 3 });
    client.close();
    const beside = await check();
    assertMatch(beside, /^settings {3}2 not at their defaults$/m);
    assertMatch(beside, /--data .*data of 5 % \?#é +from STEWARD_DATA +default \.\/data/);
    assertMatch(beside, /--grace 3s +from --grace +default 10s/);
    assertMatch(beside, new RegExp(`^server {5}process ${server.process.pid} has the folder$`, "m"));
    assertMatch(beside, /^revision {3}1; watches can resume from 0$/m);
    assertMatch(beside, /^holds {6}1 items, 0 tasks, 1 movements$/m);
    assertMatch(beside, /^integrity {2}ok/m);
    await server.kill();
    assertMatch(await check(), /^server {5}none has the folder$[^]*^revision {3}1;/m);
    await (await startServer({ data })).stop();
    const files = () =>
      [...Deno.readDirSync(data)].map(({ name }) => `${name} ${Deno.statSync(`${data}/${name}`).mtime}`);
    const left = files();
    assertMatch(await check(), /^revision {3}1;/m);
    assertEquals(files(), left);
  }));

Deno.test("a check ends with 1 for data that is not well and with 2 for a wrong setting", () =>
  withDirectory(async (data) => {
    await (await startServer({ data })).stop();
    const path = `${data}/steward.db`;
    const db = new DatabaseSync(path);
    db.exec("INSERT INTO items VALUES ('Widget', 5, 0, '', '[]', 0, '{}', 0, 0, 0)");
    db.close();
    const odd = await run(["check", "--data", data]);
    assertEquals([odd.code, odd.stderr], [
      1,
      `steward-server: ${path}: item 'Widget' has 5 pieces, its movements add up to 0\n`,
    ]);
    assertMatch(odd.stdout, /^integrity {2}1 problems$/m);
    await Deno.writeTextFile(path, "no database at all ".repeat(100));
    const foreign = await run(["check", "--data", data]);
    assertEquals([foreign.code, foreign.stderr], [1, `steward-server: ${path} is not a database\n`]);
    const place = await run(["check", "--data", `${path}/below`]);
    assertEquals([place.code, place.stderr.includes(path)], [1, true], place.stderr);
    for (const args of [["--grace", "soon"], ["--tls-cert", path], ["--listen", "0.0.0.0:1"]]) {
      const { code, stdout, stderr } = await run(["check", "--data", data, ...args]);
      assertEquals([code, stdout, stderr.startsWith("steward-server: ")], [2, "", true], stderr);
    }
  }));

Deno.test("each command has its own help", async () => {
  for (
    const [args, words] of [
      [["--help"], "Usage: steward-server [COMMAND] [FLAGS]"],
      [["serve", "--help"], "--compact-revisions N"],
      [["help", "check"], "Exit codes: 0 all is well"],
      [["backup", "-h"], "--force"],
      [["restore", "--help"], "Usage: steward-server restore FILE [FLAGS]"],
    ] as const
  ) {
    const { code, stdout, stderr } = await run(args);
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, words);
  }
});
