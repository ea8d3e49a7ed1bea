/**
 * Watching changes.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { assertReason, item, task, Watch } from "../fixture.ts";
import type { Clock, Holds } from "./mod.ts";

export function watchContract(holds: Holds, clock: Clock): void {
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
}
