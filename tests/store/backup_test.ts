import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import {
  backupDatabase,
  CopyError,
  inspectStore,
  openStore,
  restoreDatabase,
  type Store,
  StoreOpenError,
} from "../../lib/store/mod.ts";
import { testIf, whyNoSmallDisk, withSmallDisk } from "../helpers/disk.ts";
import { assertReason, item, task, withDirectory } from "./fixture.ts";

/** A store with a few things in it, closed. */
async function filled(directory: string, rows = 3): Promise<void> {
  const store = await openStore({ directory });
  await fill(store, rows);
  await store.close();
}

async function fill(store: Store, rows: number): Promise<void> {
  await store.items.importRows(
    Array.from({ length: rows }, (_, i) => item(`item ${i}`, { quantity: 7, location: "x".repeat(200) })),
    { mode: "create" },
  );
  await store.tasks.create(task("Sweep"));
}

function filesIn(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name).toSorted();
}

/** Every file of a directory with its size, time of change and content. */
function stateOf(directory: string): unknown {
  return filesIn(directory).map((name) => {
    const { size, mtime } = Deno.statSync(`${directory}/${name}`);
    return [name, size, mtime?.getTime(), Deno.readFileSync(`${directory}/${name}`)];
  });
}

function byHand(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  try {
    db.exec(sql);
  } finally {
    db.close();
  }
}

/** Overwrites pages in the middle of a database. */
async function damage(path: string): Promise<void> {
  const file = await Deno.open(path, { write: true });
  await file.seek(4096 * 2, Deno.SeekMode.Start);
  await file.write(new Uint8Array(20 * 4096).fill(0xa5));
  file.close();
}

Deno.test("a backup taken beside an open store is one private file with all that was committed", () =>
  withDirectory(async (parent) => {
    const directory = `${parent}/data`;
    const file = `${parent}/backup.db`;
    const store = await openStore({ directory });
    await fill(store, 3);
    const copy = await backupDatabase({ directory, file, overwrite: false });
    assertEquals([copy.revision, copy.items, copy.tasks, copy.movements, copy.problems], [4, 3, 1, 3, []]);
    const { size, mode } = Deno.statSync(file);
    assertEquals([copy.bytes, mode! & 0o777], [size, 0o600]);
    assertEquals(filesIn(parent), ["backup.db", "data"]);
    await store.items.add(item("later"));
    await store.close();

    const restored = await restoreDatabase({ file, directory: `${parent}/again` });
    assertEquals(restored.revision, 4);
    assertEquals(filesIn(parent), ["again", "backup.db", "data"]);
    const again = await openStore({ directory: `${parent}/again` });
    assertEquals([await again.items.get("later"), again.status().revision], [null, 4]);
    assertEquals((await again.items.get("item 2"))?.quantity, 7);
    // Who watched the store that went on knows more than this one.
    const signal = new AbortController().signal;
    await assertReason(() => again.watch({ kind: "item", since: 5, signal }), "REVISION_AHEAD", {
      revision: 5,
      current: 4,
    });
    assertEquals((await again.items.add(item("on"))).revision, 5);
    await again.close();
  }));

Deno.test("a file that is there is kept unless it is to be replaced, and never is the database itself", () =>
  withDirectory(async (directory) => {
    await filled(directory);
    const file = `${directory}/backup.db`;
    await Deno.writeTextFile(file, "precious");
    const refusal = await assertRejects(() => backupDatabase({ directory, file, overwrite: false }), CopyError);
    assertStringIncludes(refusal.message, "is there already");
    assertEquals(await Deno.readTextFile(file), "precious");
    await Deno.writeTextFile(`${file}-wal`, "of another");
    await assertRejects(
      () => backupDatabase({ directory, file, overwrite: true }),
      CopyError,
      "backup.db-wal is there",
    );
    await Deno.remove(`${file}-wal`);
    assertEquals((await backupDatabase({ directory, file, overwrite: true })).revision, 4);
    assertEquals((await backupDatabase({ directory, file, overwrite: true })).revision, 4);

    await Deno.link(`${directory}/steward.db`, `${directory}/other.db`);
    for (const name of ["steward.db", "other.db"]) {
      const own = `${directory}/${name}`;
      await assertRejects(
        () => backupDatabase({ directory, file: own, overwrite: true }),
        CopyError,
        "is the database itself",
      );
    }
    await assertRejects(
      () => backupDatabase({ directory, file: directory, overwrite: true }),
      CopyError,
      "a directory",
    );
    const nowhere = `${directory}/nowhere/backup.db`;
    await assertRejects(
      () => backupDatabase({ directory, file: nowhere, overwrite: false }),
      CopyError,
      "Cannot write",
    );
    assertEquals((await inspectStore(directory)).database?.problems, []);
  }));

Deno.test("what a backup that was cut off left is written over, and what another writes is left alone", () =>
  withDirectory(async (directory) => {
    await filled(directory);
    const file = `${directory}/backup.db`;
    await Deno.writeTextFile(`${file}.partial`, "half".repeat(5000));
    await Deno.writeTextFile(`${file}.partial-journal`, "half");
    const other = await Deno.open(`${file}.partial`, { read: true });
    await other.lock(true);
    await assertRejects(() => backupDatabase({ directory, file, overwrite: false }), CopyError, "another process");
    assertEquals(filesIn(directory).includes("backup.db.partial"), true);
    other.close();
    assertEquals((await backupDatabase({ directory, file, overwrite: false })).problems, []);
    assertEquals(filesIn(directory).filter((name) => name.startsWith("backup")), ["backup.db"]);
  }));

testIf(
  whyNoSmallDisk(),
  "a disk that gets full in a backup or a restore is left without a trace of it",
  () =>
    withDirectory(async (directory) => {
      await filled(directory, 10_000);
      await withSmallDisk(2, async (disk) => {
        await assertRejects(
          () => backupDatabase({ directory, file: `${disk}/backup.db`, overwrite: false }),
          CopyError,
          "disk is full",
        );
        assertEquals(filesIn(disk), []);
        await assertRejects(
          () => restoreDatabase({ file: `${directory}/steward.db`, directory: `${disk}/data` }),
          CopyError,
          "disk is full",
        );
        assertEquals(filesIn(`${disk}/data`), ["steward.lock"]);
      });
    }),
);

Deno.test("a file that is no sound backup is refused before anything is made", () =>
  withDirectory(async (parent) => {
    await filled(`${parent}/data`, 2000);
    const file = `${parent}/backup.db`;
    await backupDatabase({ directory: `${parent}/data`, file, overwrite: false });
    const cases: [name: string, words: string, make: (path: string) => void | Promise<void>][] = [
      ["missing", "is not there", () => {}],
      ["text", "is not a database", (path) => Deno.writeTextFile(path, "name,quantity\n".repeat(1000))],
      ["empty", "is empty", (path) => Deno.writeTextFile(path, "")],
      ["theirs", "another program", (path) => byHand(path, "CREATE TABLE theirs (a)")],
      ["damaged", "is damaged", async (path) => {
        await Deno.copyFile(file, path);
        await damage(path);
      }],
      ["newer", "newer Steward", async (path) => {
        await Deno.copyFile(file, path);
        byHand(path, "PRAGMA user_version = 999");
      }],
      ["short", "its movements add up to 7", async (path) => {
        await Deno.copyFile(file, path);
        byHand(path, "UPDATE items SET quantity = 6 WHERE name = 'item 5'");
      }],
      ["holed", "not each from 1 to 2001", async (path) => {
        await Deno.copyFile(file, path);
        byHand(path, "DELETE FROM changes WHERE revision = 5");
      }],
    ];
    for (const [name, words, make] of cases) {
      const path = `${parent}/${name}.db`;
      await make(path);
      const target = `${parent}/into-${name}`;
      const error = await assertRejects(() => restoreDatabase({ file: path, directory: target }), StoreOpenError);
      assertStringIncludes(error.message, words);
    }
    assertEquals(filesIn(parent).filter((name) => name.startsWith("into")), []);
  }));

Deno.test("a damaged database gives no backup", () =>
  withDirectory(async (directory) => {
    await filled(directory, 2000);
    await damage(`${directory}/steward.db`);
    const file = `${directory}/backup.db`;
    const error = await assertRejects(() => backupDatabase({ directory, file, overwrite: false }), StoreOpenError);
    assertStringIncludes(error.message, "steward.db is damaged");
    assertEquals(filesIn(directory).filter((name) => name.startsWith("backup")), []);
  }));

Deno.test("a restore goes only into a directory that is empty and that no server has", () =>
  withDirectory(async (parent) => {
    await filled(`${parent}/data`);
    const file = `${parent}/backup.db`;
    await backupDatabase({ directory: `${parent}/data`, file, overwrite: false });
    await assertRejects(() => restoreDatabase({ file, directory: `${parent}/data` }), CopyError, "is not empty");
    await Deno.mkdir(`${parent}/theirs`);
    await Deno.writeTextFile(`${parent}/theirs/letter`, "");
    await assertRejects(() => restoreDatabase({ file, directory: `${parent}/theirs` }), CopyError, "(letter)");
    assertEquals(filesIn(`${parent}/theirs`), ["letter"]);
    await assertRejects(() => restoreDatabase({ file, directory: file }), CopyError, "cannot be used");
    const store = await openStore({ directory: `${parent}/data` });
    const taken = await assertRejects(() => restoreDatabase({ file, directory: `${parent}/data` }), StoreOpenError);
    assertEquals([taken.failure, taken.message.includes(`process ${Deno.pid}`)], ["in_use", true]);
    await store.close();

    // As after moving the database away.
    await Deno.mkdir(`${parent}/left`);
    await Deno.writeTextFile(`${parent}/left/steward.lock`, "4711\n");
    await Deno.writeTextFile(`${parent}/left/steward.db.partial`, "half");
    assertEquals((await restoreDatabase({ file, directory: `${parent}/left` })).items, 3);
    assertEquals(filesIn(`${parent}/left`), ["steward.db", "steward.lock"]);
  }));

Deno.test("a database with a log beside it, as a crash leaves it, is inspected and restored with all of it", () =>
  withDirectory(async (parent) => {
    const store = await openStore({ directory: `${parent}/data` });
    await fill(store, 3);
    await Deno.mkdir(`${parent}/copy`);
    for (const name of ["steward.db", "steward.db-wal"]) {
      await Deno.copyFile(`${parent}/data/${name}`, `${parent}/copy/${name}`);
    }
    await store.close();
    assertEquals((await inspectStore(`${parent}/copy`)).database?.revision, 4);
    const file = `${parent}/copy/steward.db`;
    assertEquals((await restoreDatabase({ file, directory: `${parent}/again` })).revision, 4);
  }));

Deno.test("inspecting says what there is and changes nothing", () =>
  withDirectory(async (parent) => {
    const nowhere = await inspectStore(`${parent}/nowhere`);
    assertEquals([nowhere.database, nowhere.server], [null, null]);
    const directory = `${parent}/data`;
    await filled(directory);
    const before = stateOf(directory);
    const { database, server, currentVersion } = await inspectStore(directory);
    assertEquals(stateOf(directory), before);
    assert(database !== null);
    assertEquals([database.version, database.revision, database.oldestRevision], [currentVersion, 4, 0]);
    assertEquals([database.items, database.tasks, database.movements, server], [3, 1, 3, null]);
    assertEquals(database.bytes, Deno.statSync(`${directory}/steward.db`).size);
    const store = await openStore({ directory });
    assertEquals((await inspectStore(directory)).server, String(Deno.pid));
    await store.items.add(item("more"));
    assertEquals((await inspectStore(directory)).database?.revision, 5);
    await store.close();
    await damage(`${directory}/steward.db`);
    await assertRejects(() => inspectStore(directory), StoreOpenError, "damaged");
  }));
