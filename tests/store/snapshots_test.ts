import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../lib/store/mod.ts";
import type { Store } from "../../lib/store/store.ts";
import { until } from "../helpers/wait.ts";
import { assertReason, collect, item, Watch, withDirectory, withStore } from "./fixture.ts";

async function seed(store: Store, rows: number): Promise<void> {
  const all = Array.from({ length: rows }, (_, i) => item(`item ${String(i).padStart(6, "0")}`, { quantity: 1 }));
  await store.items.importRows(all, { mode: "create" });
}

Deno.test("a list that stands still loses its snapshot and says so, and the log can be reset again", () => {
  const clock = { now: 1_000_000 };
  return withStore(async (store, directory) => {
    await seed(store, 2000);
    const read = async () => (await store.items.scan({}))[Symbol.asyncIterator]();
    const [stalled, moving] = [await read(), await read()];
    await stalled.next();
    await moving.next();
    assertEquals(store.status().snapshots, 2);
    clock.now += 40;
    await moving.next();
    clock.now += 20;
    await until("the stalled one is taken away", () => store.status().snapshots === 1);
    await assertReason(() => stalled.next(), "SNAPSHOT_EXPIRED", { seconds: 0.05 });
    assertEquals((await stalled.next()).done, true);
    assertEquals((await moving.next()).done, false);
    clock.now += 51;
    await until("the other is taken away too", () => store.status().snapshots === 0);
    await assertReason(() => moving.next(), "SNAPSHOT_EXPIRED");
    await store.items.add(item("after"));
    const db = new DatabaseSync(`${directory}/steward.db`);
    const [busy] = Object.values(db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get() as Record<string, number>);
    db.close();
    assertEquals(busy, 0);
    assertEquals((await Deno.stat(`${directory}/steward.db-wal`)).size, 0);
  }, { now: () => clock.now, snapshotIdleMs: 50 });
});

Deno.test("a watcher that stands still in its snapshot loses it too", () => {
  const clock = { now: 1_000_000 };
  return withStore(async (store) => {
    await seed(store, 2000);
    const watch = await Watch.open(store, { kind: "item", snapshot: true });
    await watch.next();
    clock.now += 51;
    await until("it is taken away", () => store.status().snapshots === 0);
    await assertReason(() => watch.snapshot(), "SNAPSHOT_EXPIRED");
    assertEquals(store.status().watchers, 0);
  }, { now: () => clock.now, snapshotIdleMs: 50 });
});

Deno.test("lists that keep the write-ahead log from being reset are ended once it has outgrown its limit", () => {
  const logged: string[] = [];
  return withStore(async (store, directory) => {
    await seed(store, 2000);
    const list = (await store.items.scan({}))[Symbol.asyncIterator]();
    await list.next();
    const wal = async () => (await Deno.stat(`${directory}/steward.db-wal`)).size;
    for (let i = 0; store.status().snapshots > 0; i++) {
      assert(i < 5000, `the log grew to ${await wal()} bytes`);
      await store.items.update("item 000000", { location: `shelf ${i}`, attributes: { long: "x".repeat(1000) } });
    }
    await assertReason(() => list.next(), "SNAPSHOT_EXPIRED");
    assertEquals(logged.length, 1);
    const grown = await wal();
    for (let i = 0; i < 2000; i++) await store.items.update("item 000000", { location: `then ${i}` });
    assertEquals(await wal(), grown);
  }, { maxWalBytes: 6_000_000, maintenanceIntervalMs: 5, log: (message) => void logged.push(message) });
});

Deno.test("there are no more snapshots than allowed, and lists of one page need none", () =>
  withStore(async (store) => {
    await seed(store, 2000);
    const held = [await store.items.scan({}), await store.items.scan({})];
    await assertReason(() => store.items.scan({}), "TOO_MANY_SNAPSHOTS", { limit: 2 });
    await assertReason(() => Watch.open(store, { kind: "item", snapshot: true }), "TOO_MANY_SNAPSHOTS");
    assertEquals(store.status().watchers, 0);
    assertEquals((await collect(await store.items.scan({ prefix: "item 0001" }))).length, 100);
    assertEquals((await collect(held[0]!)).length, 2000);
    assertEquals((await collect(await store.items.scan({}))).length, 2000);
    assertEquals((await collect(held[1]!)).length, 2000);
  }, { maxSnapshots: 2 }));

Deno.test("many lists at a time each see one state, while stock moves between two items", () =>
  withStore(async (store) => {
    await seed(store, 3000);
    const [from, to] = ["item 000000", "item 002999"];
    await store.items.update(from, { quantity: 1000 });
    let writing = true;
    const writer = (async () => {
      while (writing) {
        // Both in one revision: no state in between may be seen.
        const { id } = await store.tasks.create({
          title: "move",
          description: "",
          priority: "normal",
          tags: [],
          dueAt: null,
          assignee: null,
          materials: [{ item: from, quantity: 1 }, { item: to, quantity: 1 }],
        });
        await store.tasks.update(id, { status: "done" });
        await store.items.adjust(to, { delta: 2, reason: "", reference: "" });
      }
    })();
    const sums = await Promise.all(Array.from({ length: 10 }, async (_, i) => {
      for (let turn = 0; turn < i * 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
      const items = await collect(await store.items.scan({}));
      const revision = Math.max(...items.map((item) => item.revision));
      const quantity = (name: string) => items.find((item) => item.name === name)!.quantity;
      return { revision, taken: 1000 - quantity(from), gained: quantity(to) - 1 };
    }));
    writing = false;
    await writer;
    // After n tasks finished: n taken from the one; the other lost n and got 2 for each task but perhaps the last.
    for (const { taken, gained } of sums) assert(gained === taken || gained === taken - 2, JSON.stringify(sums));
    assert(new Set(sums.map(({ revision }) => revision)).size > 3, "the lists did not overlap with the writes");
  }));

Deno.test("a list of a million items takes constant memory while writes go on", async () => {
  await withDirectory(async (directory) => {
    await (await openStore({ directory })).close();
    const db = new DatabaseSync(`${directory}/steward.db`);
    db.exec(`
      INSERT INTO items
      WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 999999)
      SELECT printf('item %07d', i), i % 100, 9990000, 'Shelf B3', '["fastener"]', 5, '{"colour":"black"}', 1, 1, 0 FROM n
    `);
    db.close();
    const store = await openStore({ directory });
    try {
      // Once before, so that what is compiled and cached on first use is not counted.
      for await (const batch of await store.items.scan({ prefix: "item 00" })) assert(batch.length > 0);
      const before = Deno.memoryUsage().rss;
      let peak = before;
      let count = 0;
      let writes = 0;
      let longest = 0;
      let reading = true;
      const writer = (async () => {
        while (reading) {
          const start = performance.now();
          await store.items.adjust("item 0999999", { delta: 1, reason: "", reference: "" });
          longest = Math.max(longest, performance.now() - start);
          writes++;
        }
      })();
      let last = "";
      for await (const batch of await store.items.scan({})) {
        count += batch.length;
        assert(batch[0]!.name > last);
        last = batch[batch.length - 1]!.name;
        if (count % (512 * 50) === 0) peak = Math.max(peak, Deno.memoryUsage().rss);
        if (last === "item 0999999") assertEquals(batch[batch.length - 1]!.quantity, 99);
      }
      reading = false;
      await writer;
      assertEquals(count, 1_000_000);
      assert(writes > 500, `${writes} writes while the list ran`);
      assert(longest < 1000, `a write waited ${longest} ms`);
      // The items themselves would be some 400 MB.
      const grown = (peak - before) / 1024 / 1024;
      assert(grown < 100, `memory grew by ${grown} MiB`);
      let matches = 0;
      let turns = 0;
      const ticking = setInterval(() => turns++, 0);
      for await (const batch of await store.items.scan({ where: ({ name }) => name === "item 0999998" })) {
        matches += batch.length;
      }
      clearInterval(ticking);
      assertEquals(matches, 1);
      assert(turns > 20, `the event loop had ${turns} turns in a sparse search`);
    } finally {
      await store.close();
    }
  });
});
