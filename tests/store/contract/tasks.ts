/**
 * Tasks: changing and listing them, and the materials that they move.
 *
 * @module
 */
import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import type { TaskCursor, TaskOrder, TaskOrderField } from "../../../lib/store/store.ts";
import type { Task, TaskPriority, TaskStatus } from "../../../lib/store/types.ts";
import { assertReason, item, randomNumbers, task, Watch } from "../fixture.ts";
import type { Clock, Holds } from "./mod.ts";

export function taskContract(holds: Holds, clock: Clock): void {
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
}
