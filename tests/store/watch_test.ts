import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { DATABASE_FILE, openStore } from "../../lib/store/mod.ts";
import { ChangeLog } from "../../lib/store/sqlite/change_log.ts";
import { openReader } from "../../lib/store/sqlite/database.ts";
import type { Store } from "../../lib/store/store.ts";
import type { Change, Item, Kind, Kinds } from "../../lib/store/types.ts";
import { until } from "../helpers/wait.ts";
import { assertReason, item, randomNumbers, task, Watch, withStore } from "./fixture.ts";

type Random = (limit: number) => number;
type Given = { revision: number; keys: string[] };

/** The log as it is in the database, read by no code of the store. */
function readLog(directory: string): Change[] {
  const db = new DatabaseSync(`${directory}/steward.db`, { readOnly: true });
  try {
    const rows = db.prepare("SELECT revision, time, changes FROM changes ORDER BY revision").all();
    return rows.flatMap(({ revision, time, changes }) =>
      (JSON.parse(changes as string) as object[]).map((change) => ({ revision, time, ...change }) as Change)
    );
  } finally {
    db.close();
  }
}

/** What exists of a kind at a revision, by its log. */
function stateAt<K extends Kind>(log: readonly Change[], kind: K, revision: number): Kinds[K][] {
  const state = new Map<string, Kinds[K]>();
  for (const change of log) {
    if (change.kind !== kind || change.revision > revision) continue;
    assertEquals<unknown>(change.before, state.get(change.key) ?? null);
    if (change.after === null) state.delete(change.key);
    else state.set(change.key, change.after as Kinds[K]);
  }
  return [...state.values()];
}

/** Does one mutation of some kind; some fail, as they may. */
async function mutateAtRandom(store: Store, random: Random, taskIds: string[]): Promise<void> {
  const name = `item ${random(12)}`;
  const id = taskIds[random(Math.max(taskIds.length, 1))] ?? "none";
  const pieces = 1 + random(5);
  const steps: (() => Promise<unknown>)[] = [
    () => store.items.add(item(name, { quantity: 10 * pieces })),
    () => store.items.update(name, { location: `shelf ${random(3)}`, quantity: random(40) }),
    () => store.items.adjust(name, { delta: random(2) === 0 ? pieces : -pieces, reason: "", reference: "" }),
    () => store.items.remove(name),
    () => store.items.importRows([item(name), item(`row ${random(9)}`, { quantity: pieces })], { mode: "replace" }),
    async () => {
      const materials = [{ item: name, quantity: pieces }, { item: `row ${random(9)}`, quantity: 1 }];
      taskIds.push((await store.tasks.create(task("T", { materials }))).id);
    },
    () => store.tasks.update(id, { status: random(2) === 0 ? "done" : "todo" }),
    () => store.tasks.update(id, { title: `T${random(3)}` }),
    () => store.tasks.delete(id),
  ];
  await steps[random(steps.length)]!().catch(() => {});
}

/** Reads at a pace of its own until told to stop at a revision, now and then leaving and coming back. */
class Reader<K extends Kind> {
  readonly given: Given[] = [];
  snapshot: { entries: Kinds[K][]; revision: number } | null = null;
  /** Everything up to here was given. */
  position = 0;
  start = 0;
  #watch!: Watch<K>;

  constructor(
    private readonly store: Store,
    private readonly kind: K,
    private readonly where: ((thing: Kinds[K]) => boolean) | undefined,
    private readonly random: Random,
  ) {}

  async open(): Promise<void> {
    const { kind, where, random, store } = this;
    const way = random(3);
    if (way === 0) {
      this.#watch = await Watch.open<K>(store, { kind, where, snapshot: true });
    } else {
      this.start = way === 1 ? store.status().revision : random(store.status().revision + 1);
      this.position = this.start;
      // Without `since` a watch begins at the present revision.
      this.#watch = await Watch.open<K>(store, { kind, where, ...(way === 1 ? {} : { since: this.start }) });
    }
    if (way !== 0) return;
    await this.#pause();
    this.snapshot = await this.#watch.snapshot();
    this.start = this.position = this.snapshot.revision;
  }

  async readTo(revision: number): Promise<void> {
    while (this.position < revision) {
      await this.#pause();
      const event = await this.#watch.next();
      assert(event.type === "changes");
      assert(event.revision > this.position, `revision ${event.revision} after ${this.position}`);
      this.position = event.revision;
      this.given.push({ revision: event.revision, keys: event.changes.map(({ key }) => key) });
      if (this.random(40) === 0) {
        this.#watch.abort();
        this.#watch = await Watch.open<K>(this.store, { kind: this.kind, where: this.where, since: this.position });
      }
    }
  }

  close(): void {
    this.#watch.abort();
  }

  /** What it should have been given. */
  expected(log: readonly Change[]): Given[] {
    const expected: Given[] = [];
    for (const change of log) {
      if (change.kind !== this.kind || change.revision <= this.start) continue;
      const [before, after] = [change.before, change.after] as [Kinds[K] | null, Kinds[K] | null];
      const { where } = this;
      if (where !== undefined && !((before && where(before)) || (after && where(after)))) continue;
      const last = expected[expected.length - 1];
      if (last?.revision === change.revision) last.keys.push(change.key);
      else expected.push({ revision: change.revision, keys: [change.key] });
    }
    return expected;
  }

  check(log: readonly Change[]): void {
    assertEquals(this.given, this.expected(log));
    if (this.snapshot === null) return;
    const { entries, revision } = this.snapshot;
    const key = (thing: Kinds[K]) => "name" in thing ? thing.name : thing.id;
    const sorted = (things: Kinds[K][]) => things.toSorted((a, b) => key(a) < key(b) ? -1 : 1);
    assertEquals(sorted(entries), sorted(stateAt(log, this.kind, revision).filter(this.where ?? (() => true))));
  }

  /** Slow readers and fast ones. */
  async #pause(): Promise<void> {
    for (let turns = this.random(4) === 0 ? this.random(30) : 0; turns > 0; turns--) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}

for (const seed of [1, 20, 300, 4000]) {
  Deno.test(`every watcher sees exactly the changes it asked for, however it reads (seed ${seed})`, () =>
    withStore(async (store, directory) => {
      const random = randomNumbers(seed);
      const taskIds: string[] = [];
      const readers: (Reader<"item"> | Reader<"task">)[] = [];
      const opened: Promise<unknown>[] = [];
      for (let round = 0; round < 60; round++) {
        await Promise.all(Array.from({ length: random(25) }, () => mutateAtRandom(store, random, taskIds)));
        const picky = ({ quantity }: Item) => quantity > 20;
        const reader = random(3) === 0
          ? new Reader(store, "task", random(2) === 0 ? undefined : ({ status }) => status === "done", random)
          : new Reader(store, "item", random(2) === 0 ? undefined : picky, random);
        readers.push(reader);
        // Not awaited: it reads its snapshot while the writes go on.
        opened.push(reader.open());
      }
      // Two last changes that every reader wants, so that each knows where to stop.
      await store.items.importRows([item("last", { quantity: 100 })], { mode: "create" });
      const last = await store.tasks.create(task("last"));
      const lastTask = await store.tasks.update(last.id, { status: "done" });
      await Promise.all(opened);
      const log = readLog(directory);
      assertEquals(
        [...new Set(log.map(({ revision }) => revision))],
        Array.from({ length: lastTask.revision }, (_, i) => i + 1),
      );
      await Promise.all(readers.map((reader) => {
        const expected = reader.expected(log);
        return reader.readTo(expected[expected.length - 1]?.revision ?? 0);
      }));
      for (const reader of readers) {
        reader.check(log);
        reader.close();
      }
      assert(readers.some(({ snapshot }) => snapshot !== null));
      assertEquals(store.status().watchers, 0);
      assertEquals(store.status().snapshots, 0);
    }, { recentChangesBytes: 8000, commitMaxOperations: 7 }));
}

Deno.test("a watcher that stands still costs no memory and loses nothing", () =>
  withStore(async (store) => {
    const watch = await Watch.open(store, { kind: "item" });
    const rows = Array.from({ length: 20_000 }, (_, i) => item(`item ${i}`, { quantity: 1 }));
    for (let i = 0; i < rows.length; i += 1000) {
      await store.items.importRows(rows.slice(i, i + 1000), { mode: "create" });
    }
    for (let revision = 1; revision <= rows.length; revision++) {
      const [change] = await watch.changes();
      assert(change?.revision === revision && change.key === `item ${revision - 1}`);
    }
    watch.abort();
  }, { recentChangesBytes: 10_000 }));

Deno.test("after a restart the last changes are in memory, the same objects for every watcher", () =>
  withStore(async (first, directory) => {
    for (let i = 0; i < 50; i++) await first.items.add(item(`item ${i}`));
    await first.close();
    const store = await openStore({ directory });
    const watches = await Promise.all([1, 2].map(() => Watch.open(store, { kind: "item", since: 0 })));
    for (let revision = 1; revision <= 50; revision++) {
      const [[a], [b]] = await Promise.all([watches[0]!.changes(), watches[1]!.changes()]);
      assert(a?.revision === revision && a === b);
    }
    await store.close();
  }));

Deno.test("what is read from the log is no more than a reader takes at a time, and the start reads what memory keeps", () =>
  withStore(async (store, directory) => {
    for (let i = 0; i < 20; i++) await store.items.add(item(`i${i}`, { location: "x".repeat(200) }));
    const db = openReader(`${directory}/${DATABASE_FILE}`);
    try {
      const log = new ChangeLog(db, 2000);
      assertEquals([log.isRecent(10), log.isRecent(19)], [false, true]);
      for (const bytes of [1, 1000, 1_000_000]) {
        let position = 0;
        while (!log.isRecent(position)) {
          const part = log.after(position, 5, bytes);
          assert(part.length >= 1 && part.length <= 5);
          let before = 0;
          for (const revision of part) {
            assertEquals(revision.revision, ++position);
            assert(before < bytes, "more was read than was asked for");
            before += revision.bytes;
          }
        }
      }
    } finally {
      db.close();
    }
  }));

Deno.test("a watcher with a sparse condition far behind does not keep the event loop", () =>
  withStore(async (store) => {
    const rows = Array.from({ length: 20_000 }, (_, i) => item(`item ${i}`, { quantity: 1 }));
    await store.items.importRows(rows, { mode: "create" });
    await store.items.add(item("wanted"));
    const watch = await Watch.open(store, { kind: "item", since: 0, where: ({ name }) => name === "wanted" });
    let turns = 0;
    const ticking = setInterval(() => turns++, 0);
    assertEquals((await watch.changes())[0]?.revision, 20_001);
    clearInterval(ticking);
    assert(turns > 5, `the event loop had ${turns} turns`);
    watch.abort();
  }, { recentChangesBytes: 1 }));

Deno.test("compaction keeps to its age and number, and tells a watcher that needs what is gone", () => {
  const clock = { now: 1_000_000 };
  return withStore(async (store) => {
    for (let i = 0; i < 30; i++) await store.items.add(item(`old ${i}`));
    const behind = await Watch.open(store, { kind: "item", since: 10 });
    assertEquals((await behind.changes())[0]?.revision, 11);
    clock.now += 5000;
    for (let i = 0; i < 10; i++) await store.items.add(item(`new ${i}`));
    clock.now += 6000;
    await until("the old ones are compacted", () => store.status().oldestRevision === 30);
    await assertReason(() => Watch.open(store, { kind: "item", since: 29 }), "REVISION_COMPACTED", {
      revision: 29,
      oldest: 30,
    });
    const watch = await Watch.open(store, { kind: "item", since: 30 });
    assertEquals((await watch.changes())[0]?.key, "new 0");
    watch.abort();
    await store.items.importRows(Array.from({ length: 500 }, (_, i) => item(`more ${i}`)), { mode: "create" });
    await until("the many are compacted", () => store.status().oldestRevision === 540 - 100);
    await assertReason(async () => {
      for (;;) await behind.next();
    }, "REVISION_COMPACTED");
    assertEquals(store.status().watchers, 0);
  }, { now: () => clock.now, compactAgeMs: 10_000, compactRevisions: 100, maintenanceIntervalMs: 10 });
});

Deno.test("what was compacted stays compacted, and the revisions go on, after a restart with an empty log", () => {
  const clock = { now: 1_000_000 };
  return withStore(async (store, directory) => {
    for (let i = 0; i < 5; i++) await store.items.add(item(`item ${i}`));
    clock.now += 1001;
    await until("all is compacted", () => store.status().oldestRevision === 5);
    await store.close();
    const again = await openStore({ directory, now: () => clock.now });
    assertEquals([again.status().revision, again.status().oldestRevision], [5, 5]);
    assertEquals((await again.items.add(item("next"))).revision, 6);
    await again.close();
  }, { now: () => clock.now, compactAgeMs: 1000, maintenanceIntervalMs: 10 });
});

Deno.test("request ids are forgotten in the database after their lifetime", () => {
  const clock = { now: 1_000_000 };
  return withStore(async (store, directory) => {
    const add = (id: string) => store.items.add(item(id), { request: { id, fingerprint: id } });
    for (let i = 0; i < 20; i++) await add(`old ${i}`);
    clock.now += 900;
    await add("new");
    clock.now += 100;
    const db = new DatabaseSync(`${directory}/steward.db`, { readOnly: true });
    const ids = () => db.prepare("SELECT id FROM requests").all().map(({ id }) => id);
    await until("the old ones are gone", () => ids().length === 1);
    assertEquals(ids(), ["new"]);
    db.close();
  }, { now: () => clock.now, requestIdTtlMs: 1000, maintenanceIntervalMs: 10 });
});

Deno.test("a thousand watchers are given every change, as the same object", () =>
  withStore(async (store) => {
    const watches = await Promise.all(Array.from({ length: 1000 }, () => Watch.open(store, { kind: "item" })));
    for (let i = 0; i < 20; i++) {
      const told = Promise.all(watches.map((watch) => watch.changes()));
      await store.items.add(item(`item ${i}`));
      const all = await told;
      assert(all.every(([change]) => change === all[0]![0]));
    }
    for (const watch of watches) watch.abort();
    assertEquals(store.status().watchers, 0);
  }));
