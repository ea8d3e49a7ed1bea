import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { DEFAULTS, type OpenFailure, openStore, StoreOpenError } from "../../lib/store/mod.ts";
import { Connection } from "../../lib/store/sqlite/connection.ts";
import { openDatabase } from "../../lib/store/sqlite/database.ts";
import { migrate, MIGRATIONS, readVersion } from "../../lib/store/sqlite/migrations.ts";
import { item, task, withDirectory } from "./fixture.ts";

async function assertRefused(directory: string, failure: OpenFailure, ...words: string[]): Promise<void> {
  const error = await assertRejects(() => openStore({ directory }), StoreOpenError);
  assertEquals(error.failure, failure, error.message);
  for (const word of words) assertStringIncludes(error.message, word);
}

/** Changes the database by hand while no store has it. */
function byHand(directory: string, sql: string): void {
  const db = new DatabaseSync(`${directory}/steward.db`);
  try {
    db.exec(sql);
  } finally {
    db.close();
  }
}

Deno.test("a store makes its directory for its owner alone and finds everything again when opened anew", () =>
  withDirectory(async (parent) => {
    const directory = `${parent}/a/b`;
    const first = await openStore({ directory });
    assertEquals((await Deno.stat(directory)).mode! & 0o777, 0o700);
    const added = await first.items.add(item("Widget", { quantity: 3 }));
    const created = await first.tasks.create(task("Sweep"));
    await first.close();
    const second = await openStore({ directory });
    assertEquals(await second.items.get("Widget"), added);
    assertEquals(await second.tasks.get(created.id), created);
    assertEquals(second.status().revision, 2);
    assertEquals((await second.items.remove("Widget")).revision, 1);
    assertEquals(second.status().revision, 3);
    await second.close();
  }));

Deno.test("closing leaves everything in the one file", () =>
  withDirectory(async (directory) => {
    const store = await openStore({ directory });
    await store.items.add(item("Widget"));
    await store.close();
    const files = [...Deno.readDirSync(directory)].map(({ name }) => name).toSorted();
    assertEquals(files, ["steward.db", "steward.lock"]);
  }));

Deno.test("the connection that writes is durable, and says so", () =>
  withDirectory((directory) => {
    const db = openDatabase(`${directory}/steward.db`);
    const answers = ["journal_mode", "synchronous", "foreign_keys", "busy_timeout", "user_version"].map((pragma) =>
      db.get(`PRAGMA ${pragma}`)?.[0]
    );
    assertEquals(answers, ["wal", 2, 1, 1000, MIGRATIONS.length]);
    db.close();
    return Promise.resolve();
  }));

Deno.test("a second store on the directory is refused, naming the process that has it", () =>
  withDirectory(async (directory) => {
    const store = await openStore({ directory });
    await assertRefused(directory, "in_use", directory, `process ${Deno.pid}`);
    await store.close();
    await (await openStore({ directory })).close();
  }));

Deno.test("a database from a newer Steward is refused, naming both versions, and stays as it is", () =>
  withDirectory(async (directory) => {
    await (await openStore({ directory })).close();
    byHand(directory, `PRAGMA user_version = ${MIGRATIONS.length + 6}`);
    const before = await Deno.readFile(`${directory}/steward.db`);
    await assertRefused(directory, "newer", `${MIGRATIONS.length + 6}`, `up to ${MIGRATIONS.length}`);
    assertEquals(await Deno.readFile(`${directory}/steward.db`), before);
  }));

Deno.test("a database of another program is refused and stays as it is", () =>
  withDirectory(async (directory) => {
    byHand(directory, "CREATE TABLE theirs (a)");
    const before = await Deno.readFile(`${directory}/steward.db`);
    await assertRefused(directory, "foreign", "another program");
    assertEquals(await Deno.readFile(`${directory}/steward.db`), before);
    byHand(directory, "DROP TABLE theirs; VACUUM; PRAGMA application_id = 7");
    await assertRefused(directory, "foreign");
  }));

Deno.test("a file that is no database is refused and stays as it is", () =>
  withDirectory(async (directory) => {
    const text = "name,quantity\n".repeat(1000);
    await Deno.writeTextFile(`${directory}/steward.db`, text);
    await assertRefused(directory, "foreign", "not a database");
    assertEquals(await Deno.readTextFile(`${directory}/steward.db`), text);
  }));

Deno.test("a damaged database is refused", () =>
  withDirectory(async (directory) => {
    const store = await openStore({ directory });
    await store.items.importRows(Array.from({ length: 500 }, (_, i) => item(`item ${i}`)), { mode: "create" });
    await store.close();
    const file = await Deno.open(`${directory}/steward.db`, { write: true });
    // All pages but the first, which holds the header and the schema.
    await file.seek(4096, Deno.SeekMode.Start);
    await file.write(new Uint8Array(40 * 4096).fill(0xa5));
    file.close();
    await assertRefused(directory, "corrupt", "damaged");
    await Deno.truncate(`${directory}/steward.db`, 1024);
    await assertRefused(directory, "corrupt", "damaged");
  }));

Deno.test("a path that cannot be used is refused with what is wrong", () =>
  withDirectory(async (directory) => {
    await Deno.writeTextFile(`${directory}/file`, "");
    await assertRefused(`${directory}/file/data`, "unavailable", `${directory}/file/data`);
    await Deno.mkdir(`${directory}/taken/steward.db`, { recursive: true });
    await assertRefused(`${directory}/taken`, "unavailable", "steward.db");
  }));

Deno.test("a limit that is no whole number above zero is refused by name", () =>
  withDirectory(async (directory) => {
    for (const value of [0, -1, 1.5, NaN, Infinity]) {
      await assertRejects(() => openStore({ directory, maxSnapshots: value }), RangeError, `maxSnapshots must be`);
    }
    assertEquals(DEFAULTS.maxQueuedOperations, 10_000);
  }));

Deno.test("migrations go forward one by one, each whole or not at all", () =>
  withDirectory((directory) => {
    const db = new Connection(`${directory}/test.db`, { readOnly: false, busyMs: 100, cacheKib: 100 });
    const steps = ["CREATE TABLE a (x)", "INSERT INTO a VALUES (1); CREATE TABLE b (y)"];
    migrate(db, steps.slice(0, 1));
    assertEquals(readVersion(db, 1), 1);
    migrate(db, steps);
    assertEquals(readVersion(db, 2), 2);
    assertEquals(db.all("SELECT x FROM a"), [[1]]);
    migrate(db, steps);
    assertEquals(db.all("SELECT x FROM a"), [[1]]);
    const broken = [...steps, "INSERT INTO a VALUES (2); INSERT INTO nowhere VALUES (1)"];
    let message = "";
    try {
      migrate(db, broken);
    } catch (error) {
      assert(error instanceof StoreOpenError);
      message = error.message;
    }
    assertStringIncludes(message, "from version 2 to 3");
    assertEquals(readVersion(db, 2), 2);
    assertEquals(db.all("SELECT x FROM a"), [[1]]);
    assert(!db.inTransaction);
    db.close();
    return Promise.resolve();
  }));
