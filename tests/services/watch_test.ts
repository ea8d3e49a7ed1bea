/**
 * Watches of both services over the wire.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { status as codes } from "@grpc/grpc-js";
import { ItemEventType, TaskEventType, TaskStatus } from "../../lib/schema/mod.ts";
import type * as pb from "../../lib/schema/mod.ts";
import { TestClient } from "../helpers/grpc_client.ts";
import { eachLane, plain, type Steward } from "../helpers/steward.ts";
import { settled, until } from "../helpers/wait.ts";

const ITEMS = "inventory.Inventory/WatchItems";
const TASKS = "taskmanager.TaskManager/WatchTasks";
const short = (names: Record<string, number>, prefix: string) =>
  Object.fromEntries(Object.entries(names).map(([name, number]) => [number, name.replace(prefix, "")]));
const ITEM_EVENTS = short(ItemEventType, "ITEM_EVENT_TYPE_");
const TASK_EVENTS = short(TaskEventType, "TASK_EVENT_TYPE_");
const DONE = TaskStatus.TASK_STATUS_DONE;

/** A watch that stands. */
async function watch({ client }: Pick<Steward, "client">, path: string, request: object = {}) {
  const call = client.open(path);
  call.send(request);
  call.finish();
  await call.headers;
  return {
    /** The first messages, as lines. */
    async lines(count: number): Promise<string[]> {
      await call.count(count);
      const line = path === ITEMS ? itemLine : taskLine;
      return call.messages.slice(0, count).map((message) => line(message as never));
    },
    call,
    async cancel() {
      call.cancel();
      await call.received;
    },
  };
}

/** `revision: TYPE name quantity (quantity before), ...` */
function itemLine({ events, revision }: pb.WatchItemsResponse): string {
  const shown = events.map(({ event_type, item, previous }) =>
    `${ITEM_EVENTS[event_type]} ${item!.name} ${item!.quantity}${previous ? ` (${previous.quantity})` : ""}`
  );
  return `${revision}: ${shown.join(", ")}`;
}

/** `revision: TYPE title (title before)` */
function taskLine({ event_type, task, previous, revision }: pb.TaskEvent): string {
  return `${revision}: ${TASK_EVENTS[event_type]} ${task?.title ?? ""}${previous ? ` (${previous.title})` : ""}`;
}

eachLane("the headers of a watch mean that it stands: nothing written after them is missed", async (steward) => {
  for (let n = 0; n < 20; n++) {
    const watching = await watch(steward, ITEMS);
    const { item } = await steward.inventory.AddItem({ name: `item ${n}`, quantity: n });
    assertEquals(await watching.lines(1), [`${n + 1}: ADDED item ${n} ${n}`]);
    const [message] = watching.call.messages as unknown as [pb.WatchItemsResponse];
    assertEquals(plain(message.events[0]!.item!), plain(item!));
    assert(message.time !== null);
    await watching.cancel();
  }
});

eachLane("steward-revision in the headers is where to resume from, unless a snapshot comes first", async (steward) => {
  for (const name of ["A", "B"]) await steward.inventory.AddItem({ name });
  for (const path of [ITEMS, TASKS]) {
    const announced = async (request: object) => {
      const watching = await watch(steward, path, request);
      await watching.cancel();
      return (await watching.call.headers).get("steward-revision");
    };
    assertEquals(await announced({}), ["2"]);
    assertEquals(await announced({ since_revision: 1 }), ["1"]);
    assertEquals(await announced({ snapshot: true }), []);
  }
  const watching = await watch(steward, ITEMS, { since_revision: 1 });
  assertEquals(await watching.lines(1), ["2: ADDED B 0"]);
  await watching.cancel();
});

eachLane("a watch of a store that nothing was written to resumes at the revision 0 it was given", async (steward) => {
  const first = await watch(steward, ITEMS);
  const [announced] = (await first.call.headers).get("steward-revision");
  assertEquals(announced, "0");
  await first.cancel();
  await steward.inventory.AddItem({ name: "A" });
  const resumed = await watch(steward, ITEMS, { since_revision: Number(announced) });
  assertEquals(await resumed.lines(1), ["1: ADDED A 0"]);
  await resumed.cancel();
});

eachLane("every kind of change of an item is an event", async (steward) => {
  const { inventory } = steward;
  const watching = await watch(steward, ITEMS);
  await inventory.AddItem({ name: "A", quantity: 1 });
  await inventory.UpdateItem({ item: { name: "A", quantity: 2 } });
  await inventory.UpdateItem({ item: { name: "A", quantity: 2 } });
  await inventory.AdjustStock({ name: "A", delta: 3 });
  await inventory.RemoveItem({ name: "A" });
  assertEquals(await watching.lines(4), ["1: ADDED A 1", "2: UPDATED A 2 (1)", "3: UPDATED A 5 (2)", "4: REMOVED A 5"]);
  await watching.cancel();
});

eachLane("every kind of change of a task is an event", async (steward) => {
  const { tasks } = steward;
  const watching = await watch(steward, TASKS);
  const { task } = await tasks.CreateTask({ title: "a" });
  await tasks.UpdateTask({ id: task!.id, title: "b" });
  await steward.inventory.AddItem({ name: "not a task" });
  await tasks.DeleteTask({ id: task!.id });
  assertEquals(await watching.lines(3), ["1: CREATED a", "2: UPDATED b (a)", "4: DELETED b"]);
  await watching.cancel();
});

eachLane("a snapshot comes first, whole, then the changes, with no gap and no repeat", async (steward) => {
  const { inventory, tasks } = steward;
  for (const name of ["B", "A"]) await inventory.AddItem({ name, quantity: 1 });
  const { task } = await tasks.CreateTask({ title: "t" });
  const items = await watch(steward, ITEMS, { snapshot: true });
  const titles = await watch(steward, TASKS, { snapshot: true });
  await inventory.AddItem({ name: "C" });
  await tasks.DeleteTask({ id: task!.id });
  assertEquals(await items.lines(4), ["0: SNAPSHOT A 1", "0: SNAPSHOT B 1", "3: ", "4: ADDED C 0"]);
  assertEquals(await titles.lines(3), ["0: SNAPSHOT t", "3: PROGRESS ", "5: DELETED t"]);
  const [, , progress] = items.call.messages as unknown as pb.WatchItemsResponse[];
  assertEquals(progress!.time, null);
  await Promise.all([items.cancel(), titles.cancel()]);
});

eachLane("a snapshot of nothing is its end", async (steward) => {
  const watching = await watch(steward, ITEMS, { snapshot: true });
  assertEquals(await watching.lines(1), ["0: "]);
  await watching.cancel();
});

eachLane("a snapshot taken while others write misses nothing and repeats nothing", async (steward) => {
  const rows = Array.from({ length: 1500 }, (_, n) => ({ item: { name: `old ${n}` } }));
  await steward.client.call("inventory.Inventory/ImportItems", { rows });
  let writing = true;
  let written = 0;
  const writer = (async () => {
    while (writing) await steward.inventory.AddItem({ name: `new ${written++}` });
  })();
  const watching = await watch(steward, ITEMS, { snapshot: true });
  await watching.call.count(1700);
  writing = false;
  await writer;
  const total = 1500 + written;
  const seen: string[] = [];
  const names = () =>
    (watching.call.messages as unknown as pb.WatchItemsResponse[]).flatMap(({ events }) =>
      events.map(({ item }) => item!.name)
    );
  await until("all is seen", () => names().length >= total);
  seen.push(...names());
  assertEquals(seen.length, total);
  assertEquals(new Set(seen).size, total);
  await watching.cancel();
});

eachLane("a watch resumes after a revision, over any number of them", async (steward) => {
  const { inventory } = steward;
  for (let n = 1; n <= 300; n++) await inventory.AddItem({ name: `item ${n}` });
  for (const since_revision of [1, 150, 299, 300]) {
    const watching = await watch(steward, ITEMS, { since_revision });
    await inventory.AddItem({ name: `after ${since_revision}` });
    const missed = 300 - since_revision;
    const expected = Array.from({ length: missed }, (_, n) => since_revision + n + 1);
    const lines = await watching.lines(missed + 1);
    assertEquals(lines.slice(0, missed), expected.map((revision) => `${revision}: ADDED item ${revision} 0`));
    await watching.cancel();
    await inventory.RemoveItem({ name: `after ${since_revision}` });
  }
});

eachLane("a filter gives what matches before or after, so that a watcher sees an item leave", async (steward) => {
  const { inventory } = steward;
  const watching = await watch(steward, ITEMS, { filter: "quantity < 10" });
  await inventory.AddItem({ name: "A", quantity: 20 });
  await inventory.AdjustStock({ name: "A", delta: -15 });
  await inventory.AdjustStock({ name: "A", delta: -1 });
  await inventory.AdjustStock({ name: "A", delta: 16 });
  await inventory.AdjustStock({ name: "A", delta: 1 });
  await inventory.RemoveItem({ name: "A" });
  await inventory.AddItem({ name: "end" });
  assertEquals(await watching.lines(4), [
    "2: UPDATED A 5 (20)",
    "3: UPDATED A 4 (5)",
    "4: UPDATED A 20 (4)",
    "7: ADDED end 0",
  ]);
  await watching.cancel();
});

eachLane("a prefix and a filter hold together, in the snapshot too", async (steward) => {
  const { inventory } = steward;
  await inventory.AddItem({ name: "M6 bolt", quantity: 1 });
  await inventory.AddItem({ name: "M8 bolt", quantity: 1 });
  const watching = await watch(steward, ITEMS, { snapshot: true, prefix: "M6", filter: "quantity > 0" });
  await inventory.AddItem({ name: "M6 nut" });
  await inventory.AddItem({ name: "M6 pin", quantity: 2 });
  assertEquals(await watching.lines(3), ["0: SNAPSHOT M6 bolt 1", "2: ", "4: ADDED M6 pin 2"]);
  await watching.cancel();
});

eachLane("tasks are filtered too", async (steward) => {
  const watching = await watch(steward, TASKS, { filter: "status = DONE" });
  const { task } = await steward.tasks.CreateTask({ title: "a" });
  await steward.tasks.UpdateTask({ id: task!.id, status: DONE });
  await steward.tasks.UpdateTask({ id: task!.id, status: 1 });
  await steward.tasks.CreateTask({ title: "b" });
  await steward.tasks.DeleteTask({ id: task!.id });
  const { task: last } = await steward.tasks.CreateTask({ title: "c" });
  await steward.tasks.UpdateTask({ id: last!.id, status: DONE });
  assertEquals(await watching.lines(3), ["2: UPDATED a (a)", "3: UPDATED a (a)", "7: UPDATED c (c)"]);
  await watching.cancel();
});

eachLane("progress comes in silence, when asked for, and tells how far the watcher is", async (steward) => {
  const progress_interval = { seconds: 0, nanos: 100_000_000 };
  const items = await watch(steward, ITEMS, { prefix: "none", progress_interval });
  const titles = await watch(steward, TASKS, { progress_interval });
  const quiet = await watch(steward, ITEMS, { prefix: "none" });
  assertEquals(await items.lines(1), ["0: "]);
  await steward.inventory.AddItem({ name: "A" });
  await until("progress at revision 1", async () => (await items.lines(items.call.messages.length)).at(-1) === "1: ");
  await until(
    "progress of tasks",
    async () => (await titles.lines(titles.call.messages.length)).at(-1) === "1: PROGRESS ",
  );
  assertEquals(quiet.call.messages.length, 0);
  await Promise.all([items.cancel(), titles.cancel(), quiet.cancel()]);
});

eachLane("a watch that cannot be is refused with every reason", async ({ refusal }) => {
  for (const path of [ITEMS, TASKS]) {
    const request = { since_revision: -1, snapshot: true, filter: "(", progress_interval: { seconds: 3601, nanos: 0 } };
    assertEquals((await refusal(path, request)).violations, [
      "since_revision OUT_OF_RANGE",
      "snapshot CONFLICT",
      "progress_interval OUT_OF_RANGE",
      "filter INVALID_FILTER",
    ]);
    for (const progress_interval of [{ seconds: 0, nanos: 99_999_999 }, { seconds: 3600, nanos: 1 }]) {
      assertEquals((await refusal(path, { progress_interval })).violations, ["progress_interval OUT_OF_RANGE"]);
    }
  }
  assertEquals((await refusal(ITEMS, { prefix: "x".repeat(201) })).violations, ["prefix TOO_LONG"]);
});

eachLane("a revision of the future is OUT_OF_RANGE with the present one", async (steward) => {
  await steward.inventory.AddItem({ name: "A" });
  for (const path of [ITEMS, TASKS]) {
    const { code, reason, message, details } = await steward.refusal(path, { since_revision: 2 });
    assertEquals([code, reason], ["OUT_OF_RANGE", "REVISION_AHEAD"]);
    assertEquals(message, "revision 2 is ahead of the store, which is at 1");
    assertEquals({ ...details["google.rpc.ErrorInfo"]!.metadata as object }, { revision: "2", current: "1" });
  }
});

eachLane(
  "a revision that was compacted away is OUT_OF_RANGE with the oldest one, from which a watch resumes",
  async (steward) => {
    const { inventory, server } = steward;
    // A round of compaction starts by itself after 10,000 revisions.
    const rows = Array.from({ length: 10_100 }, (_, n) => ({ item: { name: `item ${n}` } }));
    await steward.client.call("inventory.Inventory/ImportItems", [{ rows }]);
    await until("the log was compacted", () => server.store.status().oldestRevision >= 10_000);
    // Compaction goes in steps.
    const oldest = await settled(() => server.store.status().oldestRevision);
    for (const path of [ITEMS, TASKS]) {
      const { code, reason, message, details } = await steward.refusal(path, { since_revision: 5 });
      assertEquals([code, reason], ["OUT_OF_RANGE", "REVISION_COMPACTED"]);
      assertEquals(message, `revision 5 was compacted: the oldest to resume from is ${oldest}`);
      assertEquals({ ...details["google.rpc.ErrorInfo"]!.metadata as object }, { revision: "5", oldest: `${oldest}` });
    }
    const watching = await watch(steward, ITEMS, { since_revision: oldest });
    await inventory.AddItem({ name: "last" });
    const { revision } = server.store.status();
    const lines = await watching.lines(revision - oldest);
    assertEquals(lines.at(-1), `${revision}: ADDED last 0`);
    await watching.cancel();
  },
  { flags: ["--compact-revisions", "50"] },
);

eachLane("a finished task is one revision with the changes of all its materials", async (steward) => {
  const { inventory, tasks } = steward;
  for (const name of ["A", "B"]) await inventory.AddItem({ name, quantity: 5 });
  const materials = [{ item: "A", quantity: 1 }, { item: "B", quantity: 2 }];
  const { task } = await tasks.CreateTask({ title: "t", materials });
  const items = await watch(steward, ITEMS);
  const titles = await watch(steward, TASKS);
  await tasks.UpdateTask({ id: task!.id, status: DONE });
  assertEquals(await items.lines(1), ["4: UPDATED A 4 (5), UPDATED B 3 (5)"]);
  assertEquals(await titles.lines(1), ["4: UPDATED t (t)"]);
  await Promise.all([items.cancel(), titles.cancel()]);
});

eachLane("a revision of more than 8 changes comes in parts, of which the last has the revision", async (steward) => {
  const { inventory, tasks } = steward;
  const names = Array.from({ length: 20 }, (_, n) => `item ${10 + n}`);
  for (const name of names) await inventory.AddItem({ name, quantity: 1 });
  const { task } = await tasks.CreateTask({ title: "t", materials: names.map((item) => ({ item, quantity: 1 })) });
  const watching = await watch(steward, ITEMS);
  await tasks.UpdateTask({ id: task!.id, status: DONE });
  await watching.call.count(3);
  const messages = watching.call.messages as unknown as pb.WatchItemsResponse[];
  assertEquals(messages.map(({ events, revision }) => [events.length, revision]), [[8, 0], [8, 0], [4, 22]]);
  assertEquals(messages.flatMap(({ events }) => events.map(({ item }) => item!.name)), names);
  await watching.cancel();
});

eachLane("many watchers each see every change, in order", async (steward) => {
  const clients = Array.from({ length: 5 }, () => new TestClient(steward.address, steward.schema));
  const watching = await Promise.all(
    Array.from({ length: 200 }, (_, n) => watch({ client: clients[n % clients.length]! }, ITEMS)),
  );
  assertEquals(steward.server.store.status().watchers, 200);
  const expected: string[] = [];
  for (let n = 1; n <= 30; n++) {
    await steward.inventory.AddItem({ name: `item ${n}` });
    expected.push(`${n}: ADDED item ${n} 0`);
  }
  for (const one of watching) assertEquals(await one.lines(30), expected);
  await Promise.all(watching.map((one) => one.cancel()));
  await until("all watchers are gone", () => steward.server.store.status().watchers === 0);
  for (const client of clients) client.close();
});

eachLane("more watches than allowed are refused, until one ends", async (steward) => {
  const first = await watch(steward, ITEMS);
  const second = await watch(steward, TASKS);
  const { code, reason } = await steward.refusal(ITEMS, {});
  assertEquals([code, reason], ["RESOURCE_EXHAUSTED", "TOO_MANY_WATCHERS"]);
  await second.cancel();
  await until("a place is free", () => steward.server.store.status().watchers === 1);
  const third = await watch(steward, ITEMS);
  await Promise.all([first.cancel(), third.cancel()]);
}, { flags: ["--max-watchers", "2"] });

eachLane("a watch with a deadline ends with it", async ({ client, server }) => {
  const { status } = await client.call(ITEMS, {}, { deadline: Date.now() + 200 });
  assertEquals(status.code, codes.DEADLINE_EXCEEDED);
  await until("the watcher is gone", () => server.store.status().watchers === 0);
});

eachLane("a watcher that stops reading holds up neither writes nor other watchers", async (steward) => {
  const lazy = await watch(steward, ITEMS);
  lazy.call.stream.pause();
  const other = await watch(steward, ITEMS);
  const location = "x".repeat(200);
  const rows = Array.from({ length: 5000 }, (_, n) => ({ item: { name: `item ${n}`, location } }));
  await steward.client.call("inventory.Inventory/ImportItems", [{ rows }]);
  await other.call.count(5000);
  lazy.call.stream.resume();
  await lazy.call.count(5000);
  assertEquals(
    (lazy.call.messages as unknown as pb.WatchItemsResponse[]).map(({ revision }) => revision),
    Array.from({ length: 5000 }, (_, n) => n + 1),
  );
  await Promise.all([lazy.cancel(), other.cancel()]);
});
