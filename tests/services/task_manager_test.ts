/**
 * The TaskManager service over the wire: the frozen contract and every promise of the comments in
 * proto/task_manager.proto. Watches have a suite of their own.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { TaskPriority, TaskStatus } from "../../lib/schema/mod.ts";
import type * as pb from "../../lib/schema/mod.ts";
import { eachLane, plain, type Steward } from "../helpers/steward.ts";

const MAX = 2147483647;
const at = "taskmanager.TaskManager/";
const { TASK_STATUS_TODO: TODO, TASK_STATUS_IN_PROGRESS: IN_PROGRESS, TASK_STATUS_DONE: DONE } = TaskStatus;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

async function create({ tasks }: Pick<Steward, "tasks">, request: object): Promise<pb.Task> {
  return plain((await tasks.CreateTask(request)).task!);
}

async function update({ tasks }: Pick<Steward, "tasks">, request: object): Promise<pb.Task> {
  return plain((await tasks.UpdateTask(request)).task!);
}

async function stock({ inventory }: Steward, ...names: string[]): Promise<number[]> {
  return await Promise.all(names.map(async (name) => (await inventory.GetItem({ name })).quantity));
}

const titles = ({ tasks }: pb.ListTasksResponse) => tasks.map(({ title }) => title);

eachLane("a task is created, read, changed and deleted as the first contract says", async (steward) => {
  const { tasks, refusal } = steward;
  const before = Date.now();
  const created = await create(steward, { title: "Fix the gate", description: "The upper hinge" });
  assertMatch(created.id, UUID);
  assertEquals([created.title, created.description, created.status], ["Fix the gate", "The upper hinge", TODO]);
  assertMatch(created.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert(Math.abs(Date.parse(created.created_at) - before) < 60_000);
  assertEquals(created.updated_at, created.created_at);
  assertEquals(plain((await tasks.GetTask({ id: created.id })).task!), created);

  const updated = await update(steward, { id: created.id, title: "Fix both gates", status: IN_PROGRESS });
  assertEquals([updated.title, updated.description, updated.status], [
    "Fix both gates",
    "The upper hinge",
    IN_PROGRESS,
  ]);
  assertEquals(updated.created_at, created.created_at);

  assertEquals(plain((await tasks.DeleteTask({ id: created.id })).task!), updated);
  for (const method of ["GetTask", "UpdateTask", "DeleteTask"]) {
    const { code, message, reason, details } = await refusal(at + method, { id: created.id });
    assertEquals([code, message, reason], ["NOT_FOUND", `Task '${created.id}' not found`, "TASK_NOT_FOUND"], method);
    assertEquals(details["google.rpc.ResourceInfo"]!.resource_name, created.id);
  }
});

eachLane("a task without a title is refused", async ({ refusal }) => {
  for (const title of ["", " ", "\t"]) {
    const { code, message, violations } = await refusal(`${at}CreateTask`, { title });
    assertEquals([code, message, violations], ["INVALID_ARGUMENT", "Title is required", ["title REQUIRED"]]);
  }
});

eachLane("an id that is empty or too long is refused by name", async ({ refusal }) => {
  for (const method of ["GetTask", "UpdateTask", "DeleteTask"]) {
    assertEquals((await refusal(at + method, {})).violations, ["id REQUIRED"]);
    assertEquals((await refusal(at + method, { id: "x".repeat(101) })).violations, ["id TOO_LONG"]);
    assertEquals((await refusal(at + method, { id: "x".repeat(100) })).code, "NOT_FOUND");
  }
});

eachLane("every field of a task comes back as it was given", async (steward) => {
  const given = {
    title: "Rebuild 🔧 the lathe",
    description: "first line\nsecond line\ttabbed",
    priority: TaskPriority.TASK_PRIORITY_URGENT,
    tags: ["metal", "Metal"],
    due_at: { seconds: 1_800_000_000, nanos: 123_000_000 },
    team: "Workshop",
    materials: [{ item: "Bearing", quantity: MAX }, { item: "Belt", quantity: 1 }],
  };
  const { id, status, created_at, updated_at, etag, revision, ...fields } = await create(steward, given);
  assertEquals(fields as unknown, { ...given, assignee: "team" });
  assertEquals([status, updated_at, revision], [TODO, created_at, 1]);
  assert(id !== "" && etag !== "");
  const person = await create(steward, { title: "x", user_id: Number.MAX_SAFE_INTEGER });
  assertEquals([person.user_id, person.assignee], [Number.MAX_SAFE_INTEGER, "user_id"]);
});

eachLane("what is not given has its default: normal priority, nobody, whenever", async (steward) => {
  const task = await create(steward, { title: "x" });
  assertEquals([task.priority, task.due_at], [TaskPriority.TASK_PRIORITY_NORMAL, null]);
  assertEquals([task.assignee, task.tags.length, task.materials.length, task.description], [undefined, 0, 0, ""]);
});

eachLane("each field of a task is taken at its bound and refused above it", async (steward) => {
  const materials = (count: number) => Array.from({ length: count }, (_, n) => ({ item: `item ${n}`, quantity: 1 }));
  const list = (count: number) => Array.from({ length: count }, (_, n) => `${n}`);
  const time = (seconds: number, nanos = 0) => ({ due_at: { seconds, nanos } });
  const cases: [most: object, beyond: object, violation: string][] = [
    [{ title: "🔧".repeat(200) }, { title: "🔧".repeat(201) }, "title TOO_LONG"],
    [{ title: "a b" }, { title: "a\nb" }, "title CONTROL_CHARACTER"],
    [{ description: "é".repeat(10_000) }, { description: "é".repeat(10_001) }, "description TOO_LONG"],
    [{ description: "a\n" }, { description: "a\u0000" }, "description CONTROL_CHARACTER"],
    [{ priority: 4 }, { priority: 5 }, "priority UNKNOWN_VALUE"],
    [{ tags: list(50) }, { tags: list(51) }, "tags TOO_MANY"],
    [{ tags: ["t".repeat(100)] }, { tags: ["t".repeat(101)] }, "tags[0] TOO_LONG"],
    [{ tags: ["a"] }, { tags: ["a", "a"] }, "tags[1] DUPLICATE"],
    [time(253_402_300_799, 999_999_999), time(253_402_300_800), "due_at OUT_OF_RANGE"],
    [time(-62_135_596_800), time(-62_135_596_801), "due_at OUT_OF_RANGE"],
    [time(0, 0), time(0, 1_000_000_000), "due_at OUT_OF_RANGE"],
    [time(0, 1), time(0, -1), "due_at OUT_OF_RANGE"],
    [{ user_id: 1 }, { user_id: 0 }, "user_id OUT_OF_RANGE"],
    [{ team: "t".repeat(100) }, { team: "t".repeat(101) }, "team TOO_LONG"],
    [{ team: "a" }, { team: "" }, "team REQUIRED"],
    [{ materials: materials(100) }, { materials: materials(101) }, "materials TOO_MANY"],
    [
      { materials: [{ item: "i".repeat(200), quantity: MAX }] },
      { materials: [{ item: "i".repeat(201), quantity: 1 }] },
      "materials[0].item TOO_LONG",
    ],
    [
      { materials: [{ item: "a", quantity: 1 }, { item: "b", quantity: 1 }] },
      { materials: [{ item: "a", quantity: 1 }, { item: "a", quantity: 1 }] },
      "materials[1].item DUPLICATE",
    ],
    [
      { materials: [{ item: "a", quantity: 1 }] },
      { materials: [{ item: "a", quantity: 0 }] },
      "materials[0].quantity OUT_OF_RANGE",
    ],
    [{ request_id: "r".repeat(100) }, { request_id: "r".repeat(101) }, "request_id TOO_LONG"],
  ];
  for (const [most, beyond, violation] of cases) {
    const { id } = await create(steward, { title: "x", ...most });
    const { code, violations } = await steward.refusal(`${at}CreateTask`, { title: "x", ...beyond });
    assertEquals([code, violations], ["INVALID_ARGUMENT", [violation]]);
    if ("request_id" in most) continue;
    await update(steward, { id, ...most });
    assertEquals((await steward.refusal(`${at}UpdateTask`, { id, ...beyond })).violations, [violation]);
  }
});

eachLane("every wrong field is named at once", async ({ refusal }) => {
  const { message, violations } = await refusal(`${at}CreateTask`, {
    title: "",
    description: "\u0007",
    priority: -1,
    tags: [""],
    due_at: { seconds: 0, nanos: -1 },
    user_id: -1,
    materials: [{ item: " a", quantity: 0 }],
    request_id: "\n",
  });
  assertEquals(message, "Title is required (and 8 more)");
  assertEquals(violations, [
    "title REQUIRED",
    "description CONTROL_CHARACTER",
    "priority UNKNOWN_VALUE",
    "tags[0] REQUIRED",
    "due_at OUT_OF_RANGE",
    "user_id OUT_OF_RANGE",
    "materials[0].item SURROUNDING_SPACE",
    "materials[0].quantity OUT_OF_RANGE",
    "request_id CONTROL_CHARACTER",
  ]);
});

const FULL = {
  title: "old",
  description: "old",
  priority: TaskPriority.TASK_PRIORITY_HIGH,
  tags: ["old"],
  due_at: { seconds: 1000, nanos: 0 },
  team: "old",
  materials: [{ item: "old", quantity: 1 }],
};

eachLane("without a mask, what is empty or UNSPECIFIED stays as it is", async (steward) => {
  const task = await create(steward, FULL);
  assertEquals(await update(steward, { id: task.id, title: "", description: "", status: 0, priority: 0 }), task);
  assertEquals(await update(steward, { id: task.id, tags: [], materials: [] }), task);
  const changed = await update(steward, { id: task.id, description: "new" });
  const { description, updated_at: _u, etag, revision, ...rest } = changed;
  const { description: _d, updated_at: _v, etag: oldEtag, revision: oldRevision, ...oldRest } = task;
  assertEquals([rest, description], [oldRest, "new"]);
  assertNotEquals(etag, oldEtag);
  assert(revision > oldRevision);
});

eachLane("a mask sets exactly what it names, also to nothing", async (steward) => {
  const values = {
    title: "new",
    description: "new",
    status: IN_PROGRESS,
    priority: TaskPriority.TASK_PRIORITY_LOW,
    tags: ["new"],
    due_at: { seconds: 2000, nanos: 0 },
    user_id: 7,
    materials: [{ item: "new", quantity: 2 }],
  };
  const state = ({ updated_at: _u, etag: _e, revision: _r, ...rest }: pb.Task) => rest;
  for (
    const [path, expected] of [
      ["title", { title: "new" }],
      ["description", { description: "new" }],
      ["status", { status: IN_PROGRESS }],
      ["priority", { priority: TaskPriority.TASK_PRIORITY_LOW }],
      ["tags", { tags: ["new"] }],
      ["due_at", { due_at: { seconds: 2000, nanos: 0 } }],
      ["assignee", { user_id: 7, assignee: "user_id" }],
      ["user_id", { user_id: 7, assignee: "user_id" }],
      ["materials", { materials: [{ item: "new", quantity: 2 }] }],
    ] as const
  ) {
    const task = await create(steward, FULL);
    const changed = await update(steward, { id: task.id, ...values, update_mask: { paths: [path] } });
    const wanted: Record<string, unknown> = { ...state(task), ...expected };
    if ("assignee" in expected) delete wanted.team;
    assertEquals(state(changed) as unknown, wanted, path);
  }
  const task = await create(steward, FULL);
  const paths = ["description", "tags", "due_at", "assignee", "materials", "status", "priority"];
  const cleared = await update(steward, { id: task.id, update_mask: { paths } });
  assertEquals([cleared.description, cleared.tags.length, cleared.due_at, cleared.assignee], ["", 0, null, undefined]);
  assertEquals([cleared.materials.length, cleared.title, cleared.status, cleared.priority], [0, "old", TODO, 3]);
});

eachLane("* in a mask sets every field", async (steward) => {
  const task = await create(steward, FULL);
  const changed = await update(steward, { id: task.id, title: "new", update_mask: { paths: ["*"] } });
  assertEquals([changed.title, changed.description, changed.due_at, changed.assignee], ["new", "", null, undefined]);
  assertEquals([changed.tags.length, changed.materials.length], [0, 0]);
  const { message } = await steward.refusal(`${at}UpdateTask`, { id: task.id, update_mask: { paths: ["*"] } });
  assertEquals(message, "Title is required");
});

eachLane("a mask that cannot be used is refused", async (steward) => {
  const { id } = await create(steward, FULL);
  const masked = async (...paths: string[]) =>
    (await steward.refusal(`${at}UpdateTask`, { id, title: "x", update_mask: { paths } })).violations;
  for (const path of ["id", "created_at", "etag", "revision", "task.title", "Title", "dueAt"]) {
    assertEquals(await masked("tags", path), ["update_mask UNKNOWN_FIELD"], path);
  }
  assertEquals(await masked("*", "title"), ["update_mask MIXED_WILDCARD"]);
  const titleless = await steward.refusal(`${at}UpdateTask`, { id, update_mask: { paths: ["title"] } });
  assertEquals(titleless.message, "Title is required");
});

eachLane("a status or priority that does not exist is refused", async (steward) => {
  const { id } = await create(steward, FULL);
  assertEquals((await steward.refusal(`${at}UpdateTask`, { id, status: 4, priority: 9 })).violations, [
    "status UNKNOWN_VALUE",
    "priority UNKNOWN_VALUE",
  ]);
});

eachLane("an etag lets exactly one of two changes through", async (steward) => {
  const { id, etag } = await create(steward, { title: "x" });
  const changed = await update(steward, { id, title: "y", etag });
  for (const [method, request] of [["UpdateTask", { id, title: "z", etag }], ["DeleteTask", { id, etag }]] as const) {
    const { code, reason, message } = await steward.refusal(at + method, request);
    assertEquals([code, reason], ["ABORTED", "ETAG_MISMATCH"]);
    assertMatch(message, new RegExp(`^task '${id}' was changed by somebody else`));
  }
  await steward.tasks.DeleteTask({ id, etag: changed.etag });
});

eachLane("finishing a task takes its materials, reopening puts them back", async (steward) => {
  const { inventory } = steward;
  await inventory.AddItem({ name: "Bolt", quantity: 10 });
  await inventory.AddItem({ name: "Nut", quantity: 4 });
  const materials = [{ item: "Bolt", quantity: 3 }, { item: "Nut", quantity: 4 }];
  const { id } = await create(steward, { title: "Fix the gate", materials });
  assertEquals(await stock(steward, "Bolt", "Nut"), [10, 4]);
  await update(steward, { id, status: IN_PROGRESS });
  assertEquals(await stock(steward, "Bolt", "Nut"), [10, 4]);
  const done = await update(steward, { id, status: DONE });
  assertEquals(await stock(steward, "Bolt", "Nut"), [7, 0]);
  assertEquals((await inventory.GetItem({ name: "Bolt" })).revision, done.revision);
  // Done already: nothing moves.
  assertEquals(await update(steward, { id, status: DONE }), done);
  assertEquals(await stock(steward, "Bolt", "Nut"), [7, 0]);
  await update(steward, { id, status: TODO });
  assertEquals(await stock(steward, "Bolt", "Nut"), [10, 4]);
  const { movements } = await inventory.ListMovements({ name: "Bolt" });
  assertEquals(
    movements.map(({ reason, delta, reference, task_id }) => [reason, delta, reference, task_id]),
    [["task reopened", 3, "Fix the gate", id], ["task done", -3, "Fix the gate", id], ["added", 10, "", ""]],
  );
});

eachLane("a task whose materials are short cannot be finished, and nothing changes", async (steward) => {
  const { inventory, server } = steward;
  for (const [name, quantity] of [["enough", 9], ["short", 2], ["none", 0]] as const) {
    await inventory.AddItem({ name, quantity });
  }
  const names = ["enough", "short", "none", "never there"];
  const task = await create(steward, { title: "x", materials: names.map((item) => ({ item, quantity: 3 })) });
  const before = server.store.status().revision;
  const refused = await steward.refusal(`${at}UpdateTask`, { id: task.id, status: DONE, title: "finished" });
  assertEquals([refused.code, refused.reason], ["FAILED_PRECONDITION", "STOCK_SHORT"]);
  assertEquals(
    refused.message,
    "not enough in stock: 'short' needs 3, has 2; 'none' needs 3, has 0; 'never there' needs 3, not in the inventory",
  );
  assertEquals(refused.preconditions, [
    "short: needs 3, has 2",
    "none: needs 3, has 0",
    "never there: needs 3, not in the inventory",
  ]);
  assertEquals(plain((await steward.tasks.GetTask({ id: task.id })).task!), task);
  assertEquals(await stock(steward, "enough", "short", "none"), [9, 2, 0]);
  assertEquals(server.store.status().revision, before);
});

eachLane(
  "thirty short items are all named, and a hundred of the longest still arrive as what they are",
  async (steward) => {
    const short = async (materials: object[]) => {
      const { id } = await create(steward, { title: "x", materials });
      return await steward.refusal(`${at}UpdateTask`, { id, status: DONE });
    };
    const usual = await short(Array.from({ length: 30 }, (_, n) => ({ item: `Hex bolt M6x${n} zinc`, quantity: 4 })));
    assertEquals([usual.reason, usual.preconditions.length], ["STOCK_SHORT", 30]);
    const long = await short(
      Array.from({ length: 100 }, (_, n) => ({ item: `${100 + n}${"🔩".repeat(197)}`, quantity: 4 })),
    );
    assertEquals([long.code, long.reason], ["FAILED_PRECONDITION", "STOCK_SHORT"]);
    assert(long.preconditions.length > 0 && JSON.stringify(long.details).length < 8192);
  },
);

eachLane("reopening needs the items: MATERIAL_GONE, and room for the pieces: STOCK_OVERFLOW", async (steward) => {
  const { inventory, refusal } = steward;
  for (const name of ["a", "b", "c"]) await inventory.AddItem({ name, quantity: 5 });
  const materials = ["a", "b", "c"].map((item) => ({ item, quantity: 2 }));
  const { id } = await create(steward, { title: "x", materials });
  const done = await update(steward, { id, status: DONE });
  await inventory.RemoveItem({ name: "a" });
  await inventory.RemoveItem({ name: "c" });
  const gone = await refusal(`${at}UpdateTask`, { id, status: TODO });
  assertEquals([gone.code, gone.reason], ["FAILED_PRECONDITION", "MATERIAL_GONE"]);
  assertEquals(gone.message, "cannot put materials back: 'a', 'c' not in the inventory");
  assertEquals(gone.preconditions, ["a: not in the inventory", "c: not in the inventory"]);
  await inventory.AddItem({ name: "a", quantity: MAX - 1 });
  await inventory.AddItem({ name: "c" });
  const full = await refusal(`${at}UpdateTask`, { id, status: TODO });
  assertEquals([full.reason, full.preconditions], ["STOCK_OVERFLOW", [`a: has ${MAX - 1}, cannot take 2 more`]]);
  assertEquals(plain((await steward.tasks.GetTask({ id })).task!), done);
  assertEquals(await stock(steward, "a", "b", "c"), [MAX - 1, 3, 0]);
  await inventory.AdjustStock({ name: "a", delta: -1 });
  await update(steward, { id, status: TODO });
  assertEquals(await stock(steward, "a", "b", "c"), [MAX, 5, 2]);
});

eachLane("finishing and changing the materials at once takes the new ones", async (steward) => {
  for (const name of ["a", "b"]) await steward.inventory.AddItem({ name, quantity: 5 });
  const { id } = await create(steward, { title: "x", materials: [{ item: "a", quantity: 1 }] });
  await update(steward, { id, status: DONE, materials: [{ item: "b", quantity: 2 }] });
  assertEquals(await stock(steward, "a", "b"), [5, 3]);
  // And reopening with other ones puts back what was taken.
  await update(steward, { id, status: TODO, materials: [{ item: "a", quantity: 4 }] });
  assertEquals(await stock(steward, "a", "b"), [5, 5]);
});

eachLane("the materials of a task that stays done cannot change, the rest of it can", async (steward) => {
  await steward.inventory.AddItem({ name: "a", quantity: 5 });
  const materials = [{ item: "a", quantity: 1 }];
  const { id } = await create(steward, { title: "x", materials });
  await update(steward, { id, status: DONE });
  for (
    const request of [
      { materials: [{ item: "a", quantity: 2 }] },
      { materials: [{ item: "a", quantity: 2 }], status: DONE },
      { update_mask: { paths: ["materials"] } },
    ]
  ) {
    const { code, reason, preconditions } = await steward.refusal(`${at}UpdateTask`, { id, ...request });
    assertEquals([code, reason], ["FAILED_PRECONDITION", "TASK_DONE"]);
    assertEquals(preconditions, [`${id}: the task is done`]);
  }
  assertEquals((await update(steward, { id, title: "y", materials })).title, "y");
  assertEquals(await stock(steward, "a"), [4]);
});

eachLane("what a finished task has taken stays taken when it is deleted", async (steward) => {
  await steward.inventory.AddItem({ name: "a", quantity: 5 });
  const { id } = await create(steward, { title: "x", materials: [{ item: "a", quantity: 2 }] });
  await update(steward, { id, status: DONE });
  await steward.tasks.DeleteTask({ id });
  assertEquals(await stock(steward, "a"), [3]);
});

eachLane("a request id makes each kind of change happen once", async (steward) => {
  const { tasks } = steward;
  await steward.inventory.AddItem({ name: "a", quantity: 5 });
  const request = { title: "x", materials: [{ item: "a", quantity: 2 }], request_id: "1" };
  const task = await create(steward, request);
  assertEquals(await create(steward, request), task);
  const finish = { id: task.id, status: DONE, etag: task.etag, request_id: "2" };
  const done = await update(steward, finish);
  assertEquals(await update(steward, finish), done);
  assertEquals(await stock(steward, "a"), [3]);
  const removed = await tasks.DeleteTask({ id: task.id, request_id: "3" });
  assertEquals(plain(await tasks.DeleteTask({ id: task.id, request_id: "3" })), plain(removed));
  for (
    const [method, other] of [
      ["CreateTask", { ...request, title: "y" }],
      ["UpdateTask", { ...finish, status: TODO }],
      ["DeleteTask", { id: task.id, request_id: "2" }],
    ] as const
  ) {
    const { code, reason } = await steward.refusal(at + method, other);
    assertEquals([code, reason], ["INVALID_ARGUMENT", "REQUEST_ID_REUSED"], method);
  }
  assertEquals((await tasks.ListTasks({})).tasks.length, 0);
});

eachLane("a list is filtered, and a bad filter is refused with the place", async (steward) => {
  const { tasks, refusal } = steward;
  for (const [title, due] of [["a", 1_000_000_000], ["b", 1_900_000_000], ["c", 0]] as const) {
    await create(steward, { title, due_at: due ? { seconds: due, nanos: 0 } : null, tags: [title], user_id: 5 });
  }
  const filtered = async (filter: string) => titles(await tasks.ListTasks({ filter }));
  assertEquals(await filtered('status != DONE AND due_at < "2026-06-01"'), ["a"]);
  assertEquals(await filtered("NOT tags:a"), ["b", "c"]);
  assertEquals(await filtered("user_id = 5 AND (title = b OR NOT due_at:*)"), ["b", "c"]);
  const { violations, message } = await refusal(`${at}ListTasks`, { filter: "status = DON", order_by: "priorty" });
  assertEquals(violations, ["filter INVALID_FILTER", "order_by INVALID_ORDER_BY"]);
  assertMatch(message, /^filter: column 10: /);
});

eachLane("a list has any order; tasks without due_at come last in either direction", async (steward) => {
  const { tasks } = steward;
  const due = (seconds: number) => ({ seconds, nanos: 0 });
  await create(steward, { title: "b", priority: 1, due_at: due(30) });
  await create(steward, { title: "d", priority: 4 });
  await create(steward, { title: "a", priority: 4, due_at: due(10) });
  const { id } = await create(steward, { title: "c", priority: 2, due_at: due(20) });
  await update(steward, { id, status: IN_PROGRESS });
  const ordered = async (order_by: string) => titles(await tasks.ListTasks({ order_by })).join("");
  // Those of one millisecond are in the order of their ids.
  assertEquals([...await ordered("")].sort().join(""), "abcd");
  assertEquals(await ordered("title"), "abcd");
  assertEquals(await ordered("title desc"), "dcba");
  assertEquals(await ordered("due_at"), "acbd");
  assertEquals(await ordered("due_at desc"), "bcad");
  assertEquals(await ordered("priority desc, due_at"), "adcb");
  assertEquals(await ordered("status desc, title"), "cabd");
  assertEquals(await ordered("priority, title desc"), "bcda");
  const byTime = (await tasks.ListTasks({ order_by: "updated_at desc" })).tasks.map(({ updated_at }) => updated_at);
  assertEquals(byTime, [...byTime].sort().reverse());
  const byCreation = (await tasks.ListTasks({})).tasks.map(({ created_at }) => created_at);
  assertEquals(byCreation, [...byCreation].sort());
});

eachLane("pages of any size give each task once, and the last has no token", async (steward) => {
  const { tasks } = steward;
  for (let n = 0; n < 25; n++) await create(steward, { title: `task ${n}`, priority: 1 + n % 3 });
  const whole = titles(await tasks.ListTasks({ order_by: "priority desc, title", page_size: 1000 }));
  assertEquals(whole.length, 25);
  for (const page_size of [1, 7, 25]) {
    const paged: string[] = [];
    let page_token = "";
    do {
      const page = await tasks.ListTasks({ order_by: "priority desc, title", page_size, page_token });
      assert(page.tasks.length > 0 && page.tasks.length <= page_size);
      paged.push(...titles(page));
      page_token = page.next_page_token;
    } while (page_token !== "");
    assertEquals(paged, whole);
  }
  assertEquals((await steward.refusal(`${at}ListTasks`, { page_size: -1 })).violations, ["page_size OUT_OF_RANGE"]);
});

eachLane("a page of large tasks is cut to fit a message, and the next goes on", async (steward) => {
  const { tasks, client } = steward;
  const description = "🔧".repeat(10_000);
  const titlesMade = Array.from({ length: 130 }, (_, n) => `task ${100 + n}`);
  await Promise.all(titlesMade.map((title) => client.ask(`${at}CreateTask`, { title, description })));
  const seen: string[] = [];
  let page_token = "";
  do {
    const page = await tasks.ListTasks({ order_by: "title", page_size: 1000, page_token });
    seen.push(...titles(page));
    page_token = page.next_page_token;
  } while (page_token !== "");
  assertEquals(seen, titlesMade);
});

eachLane("a page of large tasks fits a message whatever their characters are", async ({ tasks }) => {
  const text = (character: string, title: string) => character.repeat(196) + title;
  // The first 20 stay just below what is enough for a page if characters are counted: then 20 of the largest follow.
  for (let index = 1000; index < 1040; index++) {
    const title = String(index);
    const [character, materials, tags] = index < 1020 ? ["\u5b57", 67, 0] : ["\u{1f527}", 100, 50];
    await tasks.CreateTask({
      title,
      description: character.repeat(10_000),
      tags: Array.from({ length: tags }, (_, i) => character.repeat(96) + (1000 + i)),
      materials: Array.from(
        { length: materials },
        (_, i) => ({ item: text(character, String(1000 + i)), quantity: 1 }),
      ),
    });
  }
  const first = await tasks.ListTasks({ page_size: 1000, order_by: "title" });
  const second = await tasks.ListTasks({ page_size: 1000, order_by: "title", page_token: first.next_page_token });
  const titles = [...first.tasks, ...second.tasks].map(({ title }) => Number(title));
  assertEquals(titles, Array.from({ length: 40 }, (_, index) => 1000 + index));
});

eachLane("a page token is refused when mangled or given to another list", async (steward) => {
  for (let n = 0; n < 3; n++) await create(steward, { title: `task ${n}` });
  const list = { filter: "title:task", order_by: "title", page_size: 1 };
  const { next_page_token: token } = await steward.tasks.ListTasks(list);
  for (
    const other of [
      { ...list, page_token: `${token}A` },
      { ...list, page_token: "nonsense" },
      { ...list, page_token: token, filter: "title:tas" },
      { ...list, page_token: token, order_by: "title desc" },
      { ...list, page_token: token, order_by: "" },
    ]
  ) {
    const { code, violations } = await steward.refusal(`${at}ListTasks`, other);
    assertEquals([code, violations], ["INVALID_ARGUMENT", ["page_token INVALID_PAGE_TOKEN"]]);
  }
  const next = await steward.tasks.ListTasks({ ...list, page_size: 5, page_token: token });
  assertEquals(titles(next), ["task 1", "task 2"]);
});
