/**
 * What holds for every mutation, and for the store as a whole.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { assertReason, item, task, Watch } from "../fixture.ts";
import type { Clock, Holds } from "./mod.ts";

export function writeContract(holds: Holds, clock: Clock): void {
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
