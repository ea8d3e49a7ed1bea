/**
 * Items: adding, changing, listing and importing them, and their ledger.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Store } from "../../../lib/store/store.ts";
import type { Item, Movement } from "../../../lib/store/types.ts";
import { assertReason, collect, item, task } from "../fixture.ts";
import type { Clock, Holds } from "./mod.ts";

export function itemContract(holds: Holds, clock: Clock): void {
  holds("an item comes back as it was added, with the revision and times of its addition", async (store) => {
    const input = item("Widget ñ 日本 🙂", {
      quantity: 2147483647,
      priceMicros: Number.MAX_SAFE_INTEGER,
      location: 'Shelf "B3"\0, left',
      tags: ["fastener", "M3 x 20"],
      reorderLevel: 7,
      attributes: { colour: "black", ["__proto__"]: "x", "": "\0", constructor: "y" },
    });
    const added = await store.items.add(input);
    const expected: Item = { ...input, createdAt: clock.now, updatedAt: clock.now, revision: 1 };
    assertEquals(added, expected);
    assertEquals(await store.items.get(input.name), expected);
    assertEquals(await collect(await store.items.scan({})), [expected]);
    assertEquals(store.status().revision, 1);
  });

  holds("an item that is not there is null, and one that is there is not added again", async (store) => {
    assertEquals(await store.items.get("Widget"), null);
    await store.items.add(item("Widget", { quantity: 1 }));
    await assertReason(() => store.items.add(item("Widget", { quantity: 2 })), "ITEM_EXISTS", { name: "Widget" });
    assertEquals((await store.items.get("Widget"))?.quantity, 1);
    assertEquals(store.status().revision, 1);
  });

  holds("an update sets the fields it names, a revision and the time, and leaves the others", async (store) => {
    const before = await store.items.add(item("Widget", { quantity: 5, location: "A1", tags: ["x"] }));
    clock.now += 1000;
    const after = await store.items.update("Widget", { location: "B2", attributes: { a: "1" } });
    assertEquals(after, { ...before, location: "B2", attributes: { a: "1" }, updatedAt: clock.now, revision: 2 });
    assertEquals(await store.items.get("Widget"), after);
    await assertReason(() => store.items.update("Gadget", { location: "" }), "ITEM_NOT_FOUND", { name: "Gadget" });
  });

  holds("stock never goes below zero or above what an int32 holds", async (store) => {
    await store.items.add(item("Widget", { quantity: 5 }));
    const by = (delta: number) => store.items.adjust("Widget", { delta, reason: "r", reference: "s" });
    await assertReason(() => by(-6), "STOCK_SHORT", { items: [{ name: "Widget", wanted: 6, available: 5 }] });
    await assertReason(() => by(2147483643), "STOCK_OVERFLOW", {
      items: [{ name: "Widget", delta: 2147483643, available: 5 }],
    });
    await assertReason(
      () => store.items.adjust("Gadget", { delta: 1, reason: "", reference: "" }),
      "ITEM_NOT_FOUND",
    );
    assertEquals((await by(2147483642)).item.quantity, 2147483647);
    const { item: empty, movement } = await by(-2147483647);
    assertEquals(empty.quantity, 0);
    assertEquals([movement.delta, movement.quantity, movement.reason, movement.reference], [-2147483647, 0, "r", "s"]);
  });

  holds("the ledger says why every quantity changed, newest first, also of what is gone", async (store) => {
    await store.items.add(item("Widget", { quantity: 5 }));
    await store.items.add(item("Empty"));
    await store.items.update("Widget", { quantity: 8 });
    await store.items.update("Widget", { location: "A1" });
    await store.items.adjust("Widget", { delta: -3, reason: "broken\0", reference: "order 7" });
    await store.items.importRows([item("Widget", { quantity: 9 }), item("Bolt", { quantity: 1 })], { mode: "replace" });
    const made = await store.tasks.create(task("Build", { materials: [{ item: "Widget", quantity: 2 }] }));
    await store.tasks.update(made.id, { status: "done" });
    await store.tasks.update(made.id, { status: "todo" });
    await store.items.remove("Widget");
    await store.items.remove("Empty");
    const { entries, next } = await store.items.movements({ limit: 100 });
    assertEquals(next, null);
    const line = (m: Movement) => [m.id, m.item, m.delta, m.quantity, m.reason, m.reference, m.taskId, m.revision];
    assertEquals(
      entries.map(line),
      [
        [8, "Widget", -9, 0, "removed", "", "", 11],
        [7, "Widget", 2, 9, "task reopened", "Build", made.id, 10],
        [6, "Widget", -2, 7, "task done", "Build", made.id, 9],
        [5, "Bolt", 1, 1, "imported", "", "", 7],
        [4, "Widget", 4, 9, "imported", "", "", 6],
        [3, "Widget", -3, 5, "broken\0", "order 7", "", 5],
        [2, "Widget", 3, 8, "updated", "", "", 3],
        [1, "Widget", 5, 5, "added", "", "", 1],
      ],
    );
    const ofWidget = await store.items.movements({ item: "Widget", limit: 100 });
    assertEquals(ofWidget.entries, entries.filter((movement) => movement.item === "Widget"));
    assertEquals((await store.items.movements({ item: "Nothing", limit: 5 })).entries, []);
  });

  holds("paging through the ledger gives every movement once and ends exactly", async (store) => {
    await store.items.add(item("Widget", { quantity: 1 }));
    for (let i = 0; i < 19; i++) await store.items.adjust("Widget", { delta: 1, reason: `r${i}`, reference: "" });
    const all = (await store.items.movements({ limit: 100 })).entries;
    assertEquals(all.length, 20);
    for (const limit of [1, 7, 10, 20]) {
      const even = (movement: Movement) => movement.id % 2 === 0;
      for (const where of [undefined, even]) {
        const expected = all.filter(where ?? (() => true));
        const seen: Movement[] = [];
        let after: number | undefined;
        for (;;) {
          const page = await store.items.movements({ limit, where, after });
          assert(page.entries.length <= limit);
          seen.push(...page.entries);
          if (page.next === null) break;
          after = page.next;
          assert(seen.length < expected.length, "there was a page after the last movement");
        }
        assertEquals(seen, expected);
      }
    }
  });

  holds("a removed item comes back as it was, and its name is free again", async (store) => {
    const before = await store.items.add(item("Widget", { quantity: 5 }));
    assertEquals(await store.items.remove("Widget"), before);
    assertEquals(await store.items.get("Widget"), null);
    await assertReason(() => store.items.remove("Widget"), "ITEM_NOT_FOUND", { name: "Widget" });
    const again = await store.items.add(item("Widget", { quantity: 1 }));
    assertEquals(again.revision, 3);
  });

  holds("items are listed in the order of their names' UTF-8 bytes, by prefix and condition", async (store) => {
    const names = [
      "a",
      "B",
      "ab",
      "a b",
      "é",
      "e\u0301",
      "z",
      "\uffee",
      "\u{1f600}",
      "\u{10ffff}",
      "\u{10ffff}x",
      "\ud7ff",
    ];
    for (const name of names) await store.items.add(item(name, { quantity: name.length }));
    const bytes = (text: string) => Array.from(new TextEncoder().encode(text), (b) => b.toString(16).padStart(2, "0"));
    const sorted = names.toSorted((a, b) => bytes(a).join("") < bytes(b).join("") ? -1 : 1);
    const listed = async (options: Parameters<Store["items"]["scan"]>[0]) =>
      (await collect(await store.items.scan(options))).map(({ name }) => name);
    assertEquals(await listed({}), sorted);
    for (const prefix of ["", "a", "a ", "\u{10ffff}", "\ud7ff", "\uffee", "nothing"]) {
      assertEquals(await listed({ prefix }), sorted.filter((name) => name.startsWith(prefix)), JSON.stringify(prefix));
    }
    const short = ({ quantity }: Item) => quantity === 1;
    assertEquals(await listed({ where: short }), sorted.filter((name) => name.length === 1));
    assertEquals(await listed({ where: () => false }), []);
  });

  holds("a list shows the state in which it began, whatever is written meanwhile", async (store) => {
    const rows = Array.from({ length: 3000 }, (_, i) => item(`item ${String(i).padStart(5, "0")}`, { quantity: 1 }));
    await store.items.importRows(rows, { mode: "create" });
    const list = await store.items.scan({});
    await store.items.add(item("a first", { quantity: 1 }));
    await store.items.add(item("z last", { quantity: 1 }));
    const seen: Item[] = [];
    let round = 0;
    for await (const batch of list) {
      seen.push(...batch);
      await store.items.update("item 02999", { quantity: 100 + round });
      await store.items.remove(`item 0${2500 + round++}`);
    }
    assert(round > 1, "the list came in one batch");
    assertEquals(seen.map(({ name, quantity }) => [name, quantity]), rows.map(({ name }) => [name, 1]));
    assertEquals((await collect(await store.items.scan({}))).length, 3000 + 2 - round);
    assertEquals(store.status().snapshots, 0);
  });

  holds("a list holds its snapshot until it ends, is returned or is aborted", async (store) => {
    const rows = Array.from({ length: 3000 }, (_, i) => item(`item ${i}`));
    await store.items.importRows(rows, { mode: "create" });
    const ended = await store.items.scan({});
    assertEquals(store.status().snapshots, 1);
    assertEquals((await collect(ended)).length, 3000);
    assertEquals(store.status().snapshots, 0);
    for await (const batch of await store.items.scan({})) {
      assert(batch.length < 3000);
      assertEquals(store.status().snapshots, 1);
      break;
    }
    assertEquals(store.status().snapshots, 0);
    const controller = new AbortController();
    const aborted = (await store.items.scan({ signal: controller.signal }))[Symbol.asyncIterator]();
    await aborted.next();
    controller.abort(new Error("enough"));
    assertEquals(store.status().snapshots, 0);
    await assertRejects(() => aborted.next(), Error, "enough");
    await assertRejects(() => store.items.scan({ signal: controller.signal }), Error, "enough");
    const failing = await store.items.scan({
      where: () => {
        throw new Error("a bad condition");
      },
    });
    await assertRejects(() => collect(failing), Error, "a bad condition");
    assertEquals(store.status().snapshots, 0);
  });

  holds("an import does with rows that exist what its mode says, each row alone", async (store) => {
    const results = async (mode: "create" | "skip" | "replace", more = {}) =>
      (await store.items.importRows(
        [item("A", { quantity: 1 }), item("B", { quantity: 9 }), item("A", { quantity: 3 }), item("C")],
        { mode, ...more },
      )).map((result) => result.status === "failed" ? result.error.reason : [result.status, result.revision]);
    const before = await store.items.add(item("B", { quantity: 2 }));
    assertEquals(await results("create", { dryRun: true }), [["created", 0], "ITEM_EXISTS", "ITEM_EXISTS", [
      "created",
      0,
    ]]);
    assertEquals(store.status().revision, 1);
    assertEquals(await results("create", { stopOnError: true }), [["created", 2], "ITEM_EXISTS"]);
    assertEquals(await store.items.get("C"), null);
    assertEquals(await results("create"), ["ITEM_EXISTS", "ITEM_EXISTS", "ITEM_EXISTS", ["created", 3]]);
    assertEquals(await results("skip"), [["skipped", 0], ["skipped", 0], ["skipped", 0], ["skipped", 0]]);
    assertEquals(await store.items.get("B"), before);
    clock.now += 5;
    assertEquals(await results("replace", { dryRun: true }), Array(4).fill(["replaced", 0]));
    assertEquals(await results("replace"), [["replaced", 0], ["replaced", 4], ["replaced", 5], ["replaced", 0]]);
    const b = await store.items.get("B");
    assertEquals(b, { ...before, quantity: 9, updatedAt: clock.now, revision: 4 });
    assertEquals((await store.items.get("A"))?.quantity, 3);
    assertEquals(await store.items.importRows([], { mode: "create" }), []);
  });

  holds("an import that is aborted writes no more", async (store) => {
    const signal = AbortSignal.abort(new Error("enough"));
    await assertRejects(() => store.items.importRows([item("A")], { mode: "create", signal }), Error, "enough");
    await assertRejects(
      () => store.items.importRows([item("A")], { mode: "create", signal, dryRun: true }),
      Error,
      "enough",
    );
    assertEquals(store.status().revision, 0);
  });
}
