import { assert, assertEquals } from "@std/assert";
import type { TaskCursor, TaskOrder, TaskOrderField } from "../../lib/store/store.ts";
import type { Connection } from "../../lib/store/sqlite/connection.ts";
import { openDatabase } from "../../lib/store/sqlite/database.ts";
import { SortedTasks } from "../../lib/store/sqlite/task_rows.ts";
import { prefixEnd } from "../../lib/store/sqlite/text.ts";
import { task, withDirectory, withStore } from "./fixture.ts";

/** How SQLite would read a page of the order. */
function plan(db: Connection, order: readonly TaskOrder[], after: TaskCursor | undefined): string {
  const { sql, values } = new SortedTasks(order).query(after, 10);
  return db.allSometimes(`EXPLAIN QUERY PLAN ${sql}`, ...values).map((row) => row[3]).join("; ");
}

Deno.test("a page in the order of one field is read from an index, without sorting, wherever it begins", () =>
  withDirectory((directory) => {
    const db = openDatabase(`${directory}/steward.db`);
    const fields: TaskOrderField[] = ["createdAt", "updatedAt", "dueAt", "priority", "status", "title"];
    for (const field of fields) {
      for (const descending of [false, true]) {
        const value = field === "title" ? "x" : field === "dueAt" ? null : 2;
        for (const after of [undefined, [value, "id"]]) {
          const steps = plan(db, [{ field, descending }], after);
          assert(steps.includes("USING INDEX tasks_"), `${field}: ${steps}`);
          assert(!steps.includes("TEMP B-TREE"), `${field}: ${steps}`);
          if (after !== undefined) assert(steps.startsWith("SEARCH"), `${field}: ${steps}`);
        }
      }
    }
    assert(plan(db, [], ["id"]).startsWith("SEARCH"));
    db.close();
    return Promise.resolve();
  }));

Deno.test("the end of a prefix is the next string in the order of UTF-8 bytes", () => {
  assertEquals(prefixEnd("ab"), "ac");
  assertEquals(prefixEnd("a\ud7ff"), "a\ue000");
  assertEquals(prefixEnd("a\u{10ffff}"), "b");
  assertEquals(prefixEnd("a\uffff"), "a\u{10000}");
  assertEquals(prefixEnd("\u{10ffff}\u{10ffff}"), null);
  assertEquals(prefixEnd(""), null);
});

Deno.test("lists asked for again and again take no more memory", () =>
  withStore(async (store) => {
    await store.tasks.create(task("one"));
    const page = () => store.tasks.list({ order: [{ field: "title", descending: false }], limit: 1 });
    for (let i = 0; i < 1000; i++) await page();
    const before = Deno.memoryUsage().rss;
    for (let i = 0; i < 20_000; i++) await page();
    const grown = Deno.memoryUsage().rss - before;
    assert(grown < 64 * 1024 * 1024, `grew by ${grown} bytes`);
  }));
