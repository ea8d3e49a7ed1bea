/**
 * What every store must hold, written against the interface alone.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals, assertRejects, assertStrictEquals } from "@std/assert";
import type { Store, TaskCursor, TaskOrder, TaskOrderField } from "../../lib/store/store.ts";
import type { Item, Movement, Task, TaskPriority, TaskStatus } from "../../lib/store/types.ts";
import { assertReason, collect, item, randomNumbers, task, Watch } from "./fixture.ts";

export interface ContractOptions {
  readonly now: () => number;
  readonly maxWatchers?: number;
  readonly requestIdTtlMs?: number;
}

/** Declares the tests. `use` gives a new, empty store and closes it when the function is done. */
export function storeContract(
  name: string,
  use: (test: (store: Store) => Promise<void>, options: ContractOptions) => Promise<void>,
): void {
  /** A clock that stands still until it is moved. */
  const clock = { now: Date.UTC(2026, 0, 1) };

  function holds(sentence: string, test: (store: Store) => Promise<void>, options: Partial<ContractOptions> = {}) {
    Deno.test(`${name}: ${sentence}`, () => {
      clock.now = Date.UTC(2026, 0, 1);
      return use(test, { now: () => clock.now, ...options });
    });
  }

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

  holds("an update that changes nothing makes no revision and no event", async (store) => {
    const before = await store.items.add(item("Widget", { tags: ["x", "y"], attributes: { a: "1", b: "2" } }));
    const created = await store.tasks.create(task("Sweep", { materials: [{ item: "Broom", quantity: 1 }] }));
    const watch = await Watch.open(store, { kind: "item" });
    clock.now += 1000;
    assertEquals(await store.items.update("Widget", { tags: ["x", "y"], attributes: { b: "2", a: "1" } }), before);
    assertEquals(await store.items.update("Widget", {}), before);
    const same = { title: "Sweep", status: "todo", materials: [{ item: "Broom", quantity: 1 }] } as const;
    assertEquals(await store.tasks.update(created.id, same), created);
    assertEquals(store.status().revision, 2);
    await store.items.update("Widget", { tags: ["y", "x"] });
    assertEquals((await watch.changes()).map((change) => change.revision), [3]);
    watch.abort();
  });

  holds("a guarded mutation happens only at the expected revision", async (store) => {
    const { revision } = await store.items.add(item("Widget", { quantity: 5 }));
    const created = await store.tasks.create(task("Sweep"));
    const stale = { expectedRevision: 99 };
    const mismatch = { kind: "item", key: "Widget" } as const;
    await assertReason(() => store.items.update("Widget", { quantity: 1 }, stale), "ETAG_MISMATCH", mismatch);
    await assertReason(() => store.items.remove("Widget", stale), "ETAG_MISMATCH", mismatch);
    const take = { delta: -1, reason: "", reference: "" };
    await assertReason(() => store.items.adjust("Widget", take, stale), "ETAG_MISMATCH", mismatch);
    await assertReason(() => store.tasks.update(created.id, { title: "x" }, stale), "ETAG_MISMATCH");
    await assertReason(() => store.tasks.delete(created.id, stale), "ETAG_MISMATCH");
    const taken = await store.items.adjust("Widget", take, { expectedRevision: revision });
    assertEquals(taken.item.quantity, 4);
    await assertReason(() => store.items.remove("Widget", { expectedRevision: revision }), "ETAG_MISMATCH");
    await store.items.remove("Widget", { expectedRevision: taken.item.revision });
    assertEquals(await store.items.get("Widget"), null);
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

  holds("a task comes back as it was created, to do, with an id of its own", async (store) => {
    const input = task("Fix the lathe", {
      description: "noise\0 at 800 rpm",
      priority: "urgent",
      tags: ["machine"],
      dueAt: clock.now + 86_400_000,
      assignee: { team: "mechanics" },
      materials: [{ item: "Belt", quantity: 2 }],
    });
    const created = await store.tasks.create(input);
    const times = { createdAt: clock.now, updatedAt: clock.now, revision: 1 };
    assertEquals(created, { id: created.id, ...input, status: "todo", ...times });
    assertEquals(await store.tasks.get(created.id), created);
    const other = await store.tasks.create(task("Fix the lathe", { assignee: { userId: 2 ** 40 } }));
    assertNotEquals(other.id, created.id);
    assertEquals((await store.tasks.get(other.id))?.assignee, { userId: 2 ** 40 });
    assertEquals(await store.tasks.get("no such id"), null);
  });

  holds("a task is updated and deleted, and a missing one is named", async (store) => {
    const created = await store.tasks.create(task("Sweep", { dueAt: 5 }));
    clock.now += 7;
    const updated = await store.tasks.update(created.id, { status: "in_progress", dueAt: null, tags: ["x"] });
    assertEquals(updated, {
      ...created,
      status: "in_progress",
      dueAt: null,
      tags: ["x"],
      updatedAt: clock.now,
      revision: 2,
    });
    assertEquals(await store.tasks.delete(created.id), updated);
    assertEquals(await store.tasks.get(created.id), null);
    await assertReason(() => store.tasks.delete(created.id), "TASK_NOT_FOUND", { id: created.id });
    await assertReason(() => store.tasks.update("nope", { title: "x" }), "TASK_NOT_FOUND", { id: "nope" });
  });

  holds("finishing a task takes its materials in the same revision, reopening puts them back", async (store) => {
    await store.items.add(item("Bolt", { quantity: 10 }));
    await store.items.add(item("Nut", { quantity: 4 }));
    const materials = [{ item: "Bolt", quantity: 4 }, { item: "Nut", quantity: 4 }];
    const { id } = await store.tasks.create(task("Build", { materials: materials.slice(0, 1) }));
    const items = await Watch.open(store, { kind: "item" });
    const done = await store.tasks.update(id, { status: "done", title: "Built", materials });
    const quantities = async () =>
      await Promise.all(["Bolt", "Nut"].map(async (name) => (await store.items.get(name))?.quantity));
    assertEquals(await quantities(), [6, 0]);
    assertEquals(done.revision, 4);
    assertEquals((await store.items.get("Bolt"))?.revision, 4);
    const changes = await items.changes();
    assertEquals(changes.map((c) => [c.revision, c.key, c.before?.quantity, c.after?.quantity]), [
      [4, "Bolt", 10, 6],
      [4, "Nut", 4, 0],
    ]);
    await assertReason(() => store.tasks.update(id, { materials: [] }), "TASK_DONE", { id });
    await store.tasks.update(id, { title: "Done and dusted", materials });
    await store.tasks.update(id, { status: "in_progress", materials: [] });
    assertEquals(await quantities(), [10, 4]);
    await store.tasks.update(id, { status: "done" });
    await store.tasks.delete(id);
    assertEquals(await quantities(), [10, 4]);
    items.abort();
  });

  holds("deleting a finished task leaves its materials taken", async (store) => {
    await store.items.add(item("Bolt", { quantity: 10 }));
    const { id } = await store.tasks.create(task("Build", { materials: [{ item: "Bolt", quantity: 4 }] }));
    await store.tasks.update(id, { status: "done" });
    await store.tasks.delete(id);
    assertEquals((await store.items.get("Bolt"))?.quantity, 6);
  });

  holds("finishing without enough in stock names every short item and changes nothing", async (store) => {
    await store.items.add(item("Bolt", { quantity: 3 }));
    await store.items.add(item("Nut", { quantity: 100 }));
    const materials = [
      { item: "Nut", quantity: 100 },
      { item: "Bolt", quantity: 4 },
      { item: "Gear", quantity: 1 },
    ];
    const created = await store.tasks.create(task("Build", { materials }));
    await assertReason(() => store.tasks.update(created.id, { status: "done", title: "x" }), "STOCK_SHORT", {
      items: [{ name: "Bolt", wanted: 4, available: 3 }, { name: "Gear", wanted: 1, available: null }],
    });
    assertEquals(await store.tasks.get(created.id), created);
    assertEquals((await store.items.get("Nut"))?.quantity, 100);
    assertEquals(store.status().revision, 3);
    assertEquals((await store.items.movements({ limit: 10 })).entries.length, 2);
  });

  holds("reopening fails when an item is gone or has no room, and changes nothing", async (store) => {
    await store.items.add(item("Bolt", { quantity: 4 }));
    await store.items.add(item("Nut", { quantity: 4 }));
    const materials = [{ item: "Bolt", quantity: 4 }, { item: "Nut", quantity: 4 }];
    const { id } = await store.tasks.create(task("Build", { materials }));
    const done = await store.tasks.update(id, { status: "done" });
    await store.items.remove("Nut");
    await assertReason(() => store.tasks.update(id, { status: "todo" }), "MATERIAL_GONE", { names: ["Nut"] });
    await store.items.add(item("Nut", { quantity: 2147483647 }));
    await assertReason(() => store.tasks.update(id, { status: "todo" }), "STOCK_OVERFLOW", {
      items: [{ name: "Nut", delta: 4, available: 2147483647 }],
    });
    assertEquals((await store.items.get("Bolt"))?.quantity, 0);
    assertEquals(await store.tasks.get(id), done);
  });

  holds("tasks are listed in any order, page by page, each once, without due date last", async (store) => {
    const random = randomNumbers(7);
    const statuses: TaskStatus[] = ["todo", "in_progress", "done"];
    const priorities: TaskPriority[] = ["low", "normal", "high", "urgent"];
    for (let i = 0; i < 60; i++) {
      clock.now += random(3);
      const { id } = await store.tasks.create(task(["a", "B", "é", "\0z", ""][random(5)]!, {
        priority: priorities[random(4)]!,
        dueAt: random(3) === 0 ? null : clock.now + random(5) - 2,
      }));
      clock.now += random(3);
      await store.tasks.update(id, { status: statuses[random(3)]! });
    }
    const all = (await store.tasks.list({ order: [], limit: 1000 })).entries;
    assertEquals(all.length, 60);
    const rank: Record<TaskOrderField, (task: Task) => number | string | null> = {
      createdAt: (t) => t.createdAt,
      updatedAt: (t) => t.updatedAt,
      dueAt: (t) => t.dueAt,
      priority: (t) => priorities.indexOf(t.priority),
      status: (t) => statuses.indexOf(t.status),
      title: (t) => t.title,
    };
    const compare = (order: readonly TaskOrder[]) => (a: Task, b: Task): number => {
      for (const { field, descending } of order) {
        const [x, y] = [rank[field](a), rank[field](b)];
        if (x === y) continue;
        if (x === null) return 1;
        if (y === null) return -1;
        return (x < y ? -1 : 1) * (descending ? -1 : 1);
      }
      return (a.id < b.id ? -1 : 1) * (order[order.length - 1]?.descending ? -1 : 1);
    };
    const fields = Object.keys(rank) as TaskOrderField[];
    const orders: TaskOrder[][] = [[]];
    for (const field of fields) for (const descending of [false, true]) orders.push([{ field, descending }]);
    for (let i = 0; i < 20; i++) {
      const chosen = fields.toSorted(() => random(2) - 0.5).slice(0, 2 + random(3));
      orders.push(chosen.map((field) => ({ field, descending: random(2) === 1 })));
    }
    for (const order of orders) {
      const where = random(2) === 0 ? undefined : ({ priority }: Task) => priority !== "low";
      // "\0z" sorts where the store likes; it must only be consistent.
      const comparable = order.some(({ field }) => field === "title") ? null : compare(order);
      const expected = all.filter(where ?? (() => true));
      const seen: Task[] = [];
      let after: TaskCursor | undefined;
      do {
        const page = await store.tasks.list({ order, where, after, limit: 7 });
        seen.push(...page.entries);
        after = page.next === null ? undefined : JSON.parse(JSON.stringify(page.next)) as TaskCursor;
      } while (after !== undefined && seen.length <= expected.length);
      if (comparable !== null) assertEquals(seen, expected.toSorted(comparable), JSON.stringify(order));
      assertEquals(new Set(seen.map(({ id }) => id)).size, expected.length, JSON.stringify(order));
      assertEquals(seen.length, expected.length);
    }
    await assertRejects(
      () => store.tasks.list({ order: [], after: [1, 2, "x"], limit: 5 }),
      RangeError,
      "another order",
    );
  });

  holds("the same request id gives the first answer again and changes nothing", async (store) => {
    const request = { id: "r1", fingerprint: "add Widget 5" };
    const first = await store.items.add(item("Widget", { quantity: 5 }), { request });
    await store.items.update("Widget", { quantity: 6 });
    assertEquals(await store.items.add(item("Widget", { quantity: 5 }), { request }), first);
    const take = { delta: -1, reason: "", reference: "" };
    const [a, b] = await Promise.all(
      [1, 2].map(() => store.items.adjust("Widget", take, { request: { id: "r2", fingerprint: "take" } })),
    );
    assertEquals(a, b);
    assertEquals((await store.items.get("Widget"))?.quantity, 5);
    const made = await store.tasks.create(task("T"), { request: { id: "r3", fingerprint: "t" } });
    assertEquals(await store.tasks.create(task("T"), { request: { id: "r3", fingerprint: "t" } }), made);
    const reused = { requestId: "r1" };
    const other = { id: "r1", fingerprint: "other" };
    await assertReason(() => store.items.add(item("X"), { request: other }), "REQUEST_ID_REUSED", reused);
    await assertReason(() => store.items.remove("Widget", { request }), "REQUEST_ID_REUSED", reused);
    assertEquals(store.status().revision, 4);
  });

  holds("a request id is forgotten after a failure and after its lifetime", async (store) => {
    const request = { id: "r", fingerprint: "f" };
    await assertReason(() => store.items.remove("Widget", { request }), "ITEM_NOT_FOUND");
    await store.items.add(item("Widget"));
    await store.items.remove("Widget", { request });
    clock.now += 999;
    await store.items.remove("Widget", { request });
    clock.now += 1;
    await assertReason(() => store.items.remove("Widget", { request }), "ITEM_NOT_FOUND");
  }, { requestIdTtlMs: 1000 });

  holds("a write whose signal is aborted before it begins is not done", async (store) => {
    const controller = new AbortController();
    const waiting = store.items.add(item("A"), { signal: controller.signal });
    controller.abort(new Error("client gone"));
    await assertRejects(() => waiting, Error, "client gone");
    assertEquals(await store.items.get("A"), null);
    assertEquals(store.status().revision, 0);
  });

  holds("concurrent writes get revisions without a hole, and one that fails takes none", async (store) => {
    const results = await Promise.allSettled(
      Array.from({ length: 600 }, (_, i) => store.items.add(item(`item ${i % 400}`))),
    );
    const revisions = results.flatMap((result) => result.status === "fulfilled" ? [result.value.revision] : []);
    assertEquals(revisions, Array.from({ length: 400 }, (_, i) => i + 1));
    assertEquals(store.status().revision, 400);
  });

  holds("a watch gives every later change of its kind, in order, with what was before and after", async (store) => {
    await store.items.add(item("Old"));
    const watch = await Watch.open(store, { kind: "item" });
    const added = await store.items.add(item("Widget", { quantity: 1 }));
    const created = await store.tasks.create(task("Sweep"));
    const updated = await store.items.update("Widget", { quantity: 2 });
    await store.items.remove("Widget");
    const of = { kind: "item", key: "Widget", time: clock.now } as const;
    assertEquals(await watch.changes(), [{ ...of, revision: 2, type: "created", before: null, after: added }]);
    assertEquals(await watch.changes(), [{ ...of, revision: 4, type: "updated", before: added, after: updated }]);
    assertEquals(await watch.changes(), [{ ...of, revision: 5, type: "deleted", before: updated, after: null }]);
    const tasks = await Watch.open(store, { kind: "task", since: 0 });
    assertEquals((await tasks.changes())[0]?.after, created);
    watch.abort();
    tasks.abort();
  });

  holds("a watch resumes after any revision without loss or repeat, and refuses one ahead", async (store) => {
    for (let i = 1; i <= 20; i++) await store.items.add(item(`item ${i}`));
    for (const since of [0, 1, 13, 19]) {
      const watch = await Watch.open(store, { kind: "item", since });
      for (let revision = since + 1; revision <= 20; revision++) {
        assertEquals((await watch.changes()).map((change) => change.revision), [revision]);
      }
      watch.abort();
    }
    const ahead = { kind: "item", since: 21 } as const;
    await assertReason(() => Watch.open(store, ahead), "REVISION_AHEAD", { revision: 21, current: 20 });
    const end = await Watch.open(store, { kind: "item", since: 20 });
    await store.items.remove("item 1");
    assertEquals((await end.changes()).map((change) => change.revision), [21]);
    end.abort();
  });

  holds("a watch with a snapshot gives what exists, its revision, then what changes", async (store) => {
    const rows = Array.from({ length: 1200 }, (_, i) => item(`item ${String(i).padStart(4, "0")}`, { quantity: i }));
    await store.items.importRows(rows, { mode: "create" });
    const all = await Watch.open(store, { kind: "item", snapshot: true });
    const few = await Watch.open(store, { kind: "item", snapshot: true, where: ({ quantity }) => quantity < 3 });
    await store.items.update("item 0001", { quantity: 5000 });
    await store.items.update("item 1199", { quantity: 6000 });
    const snapshot = await all.snapshot();
    assertEquals(snapshot.revision, 1200);
    assertEquals(snapshot.entries.map(({ quantity }) => quantity), rows.map(({ quantity }) => quantity));
    assertEquals((await all.changes())[0]?.key, "item 0001");
    assertEquals((await all.changes())[0]?.key, "item 1199");
    assertEquals((await few.snapshot()).entries.map(({ quantity }) => quantity), [0, 1, 2]);
    assertEquals((await few.changes())[0]?.key, "item 0001");
    const none = await Watch.open(store, { kind: "task", snapshot: true });
    assertEquals(await none.snapshot(), { entries: [], revision: 1202 });
    for (const watch of [all, few, none]) watch.abort();
    assertEquals(store.status().snapshots, 0);
  });

  holds("a watch with a condition sees a thing enter and leave, and nothing else", async (store) => {
    const watch = await Watch.open(store, { kind: "item", where: ({ quantity }) => quantity < 10 });
    await store.items.add(item("A", { quantity: 50 }));
    await store.items.update("A", { quantity: 5 });
    await store.items.update("A", { quantity: 50 });
    await store.items.update("A", { quantity: 60 });
    await store.items.remove("A");
    await store.items.add(item("B", { quantity: 1 }));
    assertEquals((await watch.changes()).map((change) => change.revision), [2]);
    assertEquals((await watch.changes()).map((change) => change.revision), [3]);
    assertEquals((await watch.changes()).map((change) => change.revision), [6]);
    watch.abort();
  });

  holds("all watchers are given the same change objects", async (store) => {
    const watches = await Promise.all([1, 2, 3].map(() => Watch.open(store, { kind: "item" })));
    const picky = await Watch.open(store, { kind: "item", where: ({ name }) => name === "A" });
    await store.items.add(item("A"));
    const [first, ...others] = await Promise.all([...watches, picky].map((watch) => watch.changes()));
    for (const other of others) assertStrictEquals(other[0], first?.[0]);
    for (const watch of [...watches, picky]) watch.abort();
  });

  holds("progress is told in silence only when asked for, with the revision everything was given to", async (store) => {
    const watch = await Watch.open(store, { kind: "task", progressMs: 20 });
    await store.items.add(item("A"));
    assertEquals(await watch.next(), { type: "progress", revision: 1 });
    await store.tasks.create(task("T"));
    assertEquals((await watch.changes()).length, 1);
    assertEquals(await watch.next(), { type: "progress", revision: 2 });
    assertEquals(await watch.next(), { type: "progress", revision: 2 });
    watch.abort();
  });

  holds("progress is not told before the silence was long enough", async (store) => {
    const progressMs = 150;
    const watch = await Watch.open(store, { kind: "item", progressMs });
    let givenAt = performance.now();
    for (let i = 0, progress = 0; progress < 2;) {
      const pending = watch.next();
      // Changes come more often than progress, for some time.
      if (i < 8) {
        await new Promise((resolve) => setTimeout(resolve, progressMs / 5));
        await store.items.add(item(`item ${i++}`));
      }
      const event = await pending;
      const silence = performance.now() - givenAt;
      if (event.type === "progress") {
        assert(silence >= progressMs - 1, `progress after ${silence} ms`);
        assertEquals(event.revision, store.status().revision);
        progress++;
      }
      givenAt = performance.now();
    }
    watch.abort();
  });

  holds("a watch ends with the reason of its signal, whether it waits or not", async (store) => {
    const waiting = await Watch.open(store, { kind: "item" });
    const idle = await Watch.open(store, { kind: "item" });
    const next = waiting.next();
    assertEquals(store.status().watchers, 2);
    waiting.abort(new Error("gone"));
    idle.abort(new Error("gone too"));
    assertEquals(store.status().watchers, 0);
    await assertRejects(() => next, Error, "gone");
    await assertRejects(() => idle.next(), Error, "gone too");
    const returned = await Watch.open(store, { kind: "item" });
    await returned.return();
    assertEquals(store.status().watchers, 0);
    await assertRejects(
      () => store.watch({ kind: "item", signal: AbortSignal.abort(new Error("before")) }),
      Error,
      "before",
    );
  });

  holds("a condition that throws fails its own watch and nothing else", async (store) => {
    const bad = await Watch.open(store, {
      kind: "item",
      where: () => {
        throw new Error("a bad condition");
      },
    });
    const good = await Watch.open(store, { kind: "item" });
    const [next, change] = [bad.next(), good.changes()];
    const failed = assertRejects(() => next, Error, "a bad condition");
    await store.items.add(item("A"));
    await failed;
    assertEquals((await change).length, 1);
    assertEquals(store.status().watchers, 1);
    good.abort();
  });

  holds("there are no more watchers than allowed", async (store) => {
    const watches = [await Watch.open(store, { kind: "item" }), await Watch.open(store, { kind: "task" })];
    await assertReason(() => Watch.open(store, { kind: "item" }), "TOO_MANY_WATCHERS", { limit: 2 });
    watches[0]!.abort();
    watches.push(await Watch.open(store, { kind: "item" }));
    for (const watch of watches) watch.abort();
  }, { maxWatchers: 2 });

  holds("health is told at once and is well", async (store) => {
    const told: (string | null)[] = [];
    const stop = store.onHealth((failure) => told.push(failure));
    assertEquals(told, [null]);
    assertEquals(store.status().failure, null);
    stop();
    await store.items.add(item("A"));
    assertEquals(told, [null]);
  });

  holds("closing finishes what is queued, ends watches and lists, and refuses the rest", async (store) => {
    await store.items.importRows(Array.from({ length: 1500 }, (_, i) => item(`item ${i}`)), { mode: "create" });
    const watch = await Watch.open(store, { kind: "item" });
    const seen: number[] = [];
    const watching = assertReason(async () => {
      for (;;) seen.push(...(await watch.changes()).map((change) => change.revision));
    }, "STORE_CLOSED");
    const list = (await store.items.scan({}))[Symbol.asyncIterator]();
    await list.next();
    const written = Array.from({ length: 300 }, (_, i) => store.items.add(item(`more ${i}`)));
    const closing = store.close();
    const late = assertReason(() => store.items.add(item("late")), "STORE_CLOSED", {});
    assertEquals((await Promise.all(written)).length, 300);
    await Promise.all([closing, store.close(), late, watching]);
    assertEquals(seen, Array.from({ length: seen.length }, (_, i) => 1501 + i));
    await assertReason(() => list.next(), "STORE_CLOSED");
    await assertReason(() => store.items.get("item 1"), "STORE_CLOSED");
    await assertReason(() => Watch.open(store, { kind: "item" }), "STORE_CLOSED");
    await assertReason(() => store.items.scan({}), "STORE_CLOSED");
  });
}
