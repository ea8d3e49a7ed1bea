/**
 * ImportItems over the wire: every promise of its comments in proto/inventory.proto.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { status as codes } from "@grpc/grpc-js";
import { ImportMode, ImportStatus } from "../../lib/schema/mod.ts";
import type * as pb from "../../lib/schema/mod.ts";
import { eachLane, plain, type Steward } from "../helpers/steward.ts";
import { until } from "../helpers/wait.ts";

const at = "inventory.Inventory/ImportItems";
const { IMPORT_MODE_SKIP: SKIP, IMPORT_MODE_REPLACE: REPLACE, IMPORT_MODE_CREATE: CREATE } = ImportMode;
const STATUS_NAMES = Object.fromEntries(
  Object.entries(ImportStatus).map(([name, number]) => [number, name.replace("IMPORT_STATUS_", "")]),
);

interface Row {
  readonly line?: number;
  readonly item?: object;
}

async function importRows(
  { client }: Steward,
  messages: readonly { options?: object; rows?: readonly Row[] }[],
): Promise<pb.ImportItemsResponse> {
  const { messages: answers, status } = await client.call(at, messages);
  assertEquals(status.code, codes.OK, status.details);
  return plain(answers[0]!) as unknown as pb.ImportItemsResponse;
}

const rowsOf = (...names: string[]): Row[] => names.map((name) => ({ item: { name } }));
const counts = ({ created, replaced, skipped, failed }: pb.ImportItemsResponse) => [created, replaced, skipped, failed];
const told = ({ outcomes }: pb.ImportItemsResponse) =>
  outcomes.map(({ line, name, status, reason }) => `${line} ${name} ${STATUS_NAMES[status]} ${reason}`.trim());

eachLane("rows are created with all their fields, and the summary says up to which revision", async (steward) => {
  const item = {
    name: "Widget",
    quantity: 5,
    price: 9.99,
    location: "B3",
    tags: ["a"],
    reorder_level: 2,
    attributes: { k: "v" },
  };
  const summary = await importRows(steward, [{ rows: [{ item }, ...rowsOf("B")] }, { rows: rowsOf("C") }]);
  assertEquals(summary, {
    created: 3,
    replaced: 0,
    skipped: 0,
    failed: 0,
    outcomes: [],
    outcomes_truncated: false,
    stopped: false,
    revision: 3,
  });
  const { created_at: _c, updated_at: _u, etag: _e, revision, ...fields } = plain(
    await steward.inventory.GetItem({ name: "Widget" }),
  );
  assertEquals([fields, revision], [item, 1]);
  const { movements } = await steward.inventory.ListMovements({});
  assertEquals(movements.map(({ item, reason, delta }) => `${item} ${reason} ${delta}`), ["Widget imported 5"]);
});

eachLane("an import of nothing is an empty summary", async (steward) => {
  for (const messages of [[], [{}], [{ options: { mode: REPLACE } }], [{ options: {}, rows: [] }, { rows: [] }]]) {
    const summary = await importRows(steward, messages);
    assertEquals([counts(summary), summary.revision, summary.stopped], [[0, 0, 0, 0], 0, false]);
  }
});

eachLane("each row stands alone: a bad one is reported with its line and why", async (steward) => {
  const summary = await importRows(steward, [{
    rows: [
      { item: { name: "A" } },
      { item: { name: "", quantity: -1 } },
      { line: 77, item: { name: "B", price: NaN } },
      {},
      { item: { name: "A" } },
    ],
  }, { rows: [{ line: 78, item: { name: "C" } }, { item: { name: "D", tags: ["x", "x"] } }] }]);
  assertEquals(counts(summary), [2, 0, 0, 5]);
  assertEquals(told(summary), [
    "2  FAILED INVALID_REQUEST",
    "77 B FAILED INVALID_REQUEST",
    "4  FAILED INVALID_REQUEST",
    "5 A FAILED ITEM_EXISTS",
    "7 D FAILED INVALID_REQUEST",
  ]);
  assertEquals(summary.outcomes.map(({ message }) => message), [
    "name is required; quantity must be at least 0, not -1",
    "price must be a finite number, not NaN",
    "item is required",
    "item 'A' already exists",
    "tags has 'x' twice",
  ]);
});

eachLane("the mode says what becomes of rows whose item is there", async (steward) => {
  const { inventory } = steward;
  await inventory.AddItem({ name: "old", quantity: 5, location: "A", tags: ["t"] });
  const rows = [{ item: { name: "old", quantity: 7 } }, { item: { name: "new" } }];
  const report_all = true;
  assertEquals(told(await importRows(steward, [{ options: { mode: SKIP, report_all }, rows }])), [
    "1 old SKIPPED",
    "2 new CREATED",
  ]);
  assertEquals((await inventory.GetItem({ name: "old" })).revision, 1);
  for (const mode of [CREATE, ImportMode.IMPORT_MODE_UNSPECIFIED]) {
    assertEquals(counts(await importRows(steward, [{ options: { mode }, rows }])), [0, 0, 0, 2]);
  }
  const replaced = await importRows(steward, [{ options: { mode: REPLACE, report_all }, rows }]);
  assertEquals(told(replaced), ["1 old REPLACED", "2 new REPLACED"]);
  const { quantity, location, tags } = await inventory.GetItem({ name: "old" });
  assertEquals([quantity, location, tags.length], [7, "", 0]);
  const { movements } = await inventory.ListMovements({ name: "old" });
  assertEquals(movements.map(({ reason, delta }) => `${reason} ${delta}`), ["imported 2", "added 5"]);
});

eachLane("a row that replaces an item by itself writes nothing", async (steward) => {
  await steward.inventory.AddItem({ name: "A", quantity: 1 });
  const summary = await importRows(steward, [{
    options: { mode: REPLACE },
    rows: [{ item: { name: "A", quantity: 1 } }],
  }]);
  assertEquals([counts(summary), summary.revision], [[0, 1, 0, 0], 0]);
  assertEquals((await steward.inventory.GetItem({ name: "A" })).revision, 1);
});

eachLane("options after a row, twice, or unknown are refused; what came before stays", async (steward) => {
  const { refusal, inventory } = steward;
  const late = await refusal(at, [{ rows: rowsOf("A") }, { options: { mode: SKIP }, rows: rowsOf("B") }]);
  assertEquals([late.code, late.violations], ["INVALID_ARGUMENT", ["options MISPLACED"]]);
  const twice = await refusal(at, [{ options: {} }, { options: {} }]);
  assertEquals(twice.violations, ["options MISPLACED"]);
  const unknown = await refusal(at, [{ options: { mode: 9 } }]);
  assertEquals(unknown.violations, ["options.mode UNKNOWN_VALUE"]);
  assertEquals((await refusal("inventory.Inventory/GetItem", { name: "B" })).code, "NOT_FOUND");
  // Options may come in a message of their own, after empty ones.
  await importRows(steward, [{}, { options: { mode: SKIP } }, { rows: rowsOf("C") }]);
  assertEquals((await inventory.GetItem({ name: "C" })).name, "C");
});

eachLane("stop_on_error ends at the first row that fails; earlier rows stay", async (steward) => {
  const { inventory, refusal } = steward;
  const options = { stop_on_error: true, report_all: true };
  for (const bad of [{ item: { name: "first" } }, { item: { name: "" } }]) {
    await inventory.AddItem({ name: "first" }).catch(() => {});
    const before = `before ${JSON.stringify(bad)}`;
    const after = `after ${JSON.stringify(bad)}`;
    const summary = await importRows(steward, [{ options, rows: [...rowsOf(before), bad, ...rowsOf(after)] }]);
    assertEquals([counts(summary), summary.stopped, summary.outcomes.length], [[1, 0, 0, 1], true, 2]);
    assertEquals((await inventory.GetItem({ name: before })).revision, summary.revision);
    assertEquals((await refusal("inventory.Inventory/GetItem", { name: after })).code, "NOT_FOUND");
  }
});

eachLane("a client that goes on sending after the stop gets the summary", async (steward) => {
  const { client } = steward;
  const call = client.open(at);
  call.send({ options: { stop_on_error: true }, rows: rowsOf("A", "A") });
  let ended = false;
  void call.received.then(() => ended = true);
  const rows = Array.from({ length: 50 }, (_, n) => ({ item: { name: `late ${n}`, location: "x".repeat(200) } }));
  await until("the call has ended", () => {
    if (!ended) call.send({ rows });
    return ended;
  });
  const { messages, status } = await call.received;
  assertEquals([status.code, messages.length], [codes.OK, 1]);
  assertEquals(counts(messages[0] as unknown as pb.ImportItemsResponse), [1, 0, 0, 1]);
  assertEquals(messages[0]!.stopped, true);
  assertEquals((await steward.inventory.GetItem({ name: "A" })).revision, 1);
});

eachLane("a dry run checks every row as the import would, and writes none", async (steward) => {
  const { inventory, server } = steward;
  await inventory.AddItem({ name: "old" });
  const rows = [...rowsOf("old", "new", "new"), { item: { name: "bad", quantity: -1 } }];
  for (const [mode, expected] of [[CREATE, [1, 0, 0, 3]], [SKIP, [1, 0, 2, 1]], [REPLACE, [1, 2, 0, 1]]] as const) {
    const summary = await importRows(steward, [{ options: { mode, dry_run: true }, rows }]);
    assertEquals([counts(summary), summary.revision], [[...expected], 0]);
  }
  const stopped = await importRows(steward, [{ options: { dry_run: true, stop_on_error: true }, rows }]);
  assertEquals([counts(stopped), stopped.stopped], [[0, 0, 0, 1], true]);
  assertEquals(server.store.status().revision, 1);
});

eachLane("a dry run sees a name that came in an earlier message", async (steward) => {
  const call = steward.client.open(at);
  call.send({ options: { dry_run: true, report_all: true }, rows: rowsOf("A") });
  // More than one piece of the body holds, so that the server takes them apart.
  const filler = Array.from({ length: 300 }, (_, n) => ({ item: { name: `${n}`, location: "x".repeat(200) } }));
  for (let n = 0; n < 3; n++) call.send({ rows: [...rowsOf("A"), ...filler] });
  call.finish();
  const { messages } = await call.received;
  assertEquals(counts(messages[0] as unknown as pb.ImportItemsResponse), [301, 0, 0, 603]);
});

eachLane("only the first 1000 outcomes are listed, and the summary says so", async (steward) => {
  const options = { mode: SKIP, report_all: true };
  const rows = (count: number, prefix: string) =>
    Array.from({ length: count }, (_, n) => ({ item: { name: `${prefix} ${n}` } }));
  const exactly = await importRows(steward, [{ options, rows: rows(1000, "a") }]);
  assertEquals([exactly.outcomes.length, exactly.outcomes_truncated], [1000, false]);
  const more = await importRows(steward, [{ options, rows: rows(900, "b") }, { rows: rows(101, "c") }]);
  assertEquals([more.outcomes.length, more.outcomes_truncated, more.created], [1000, true, 1001]);
  assertEquals(more.outcomes[999]!.name, "c 99");
});

eachLane("the summary of the worst rows still fits into a message", async (steward) => {
  const name = "🔩".repeat(300);
  const tags = Array.from({ length: 50 }, () => "🔩".repeat(101));
  const messages = Array.from(
    { length: 101 },
    () => ({ rows: Array.from({ length: 10 }, () => ({ item: { name, tags } })) }),
  );
  const summary = await importRows(steward, messages);
  assertEquals([summary.failed, summary.outcomes.length, summary.outcomes_truncated], [1010, 1000, true]);
  assertEquals(summary.outcomes[0]!.name, `${"🔩".repeat(200)}...`);
  assertMatch(summary.outcomes[0]!.message, /^name has 300 characters.*\.\.\.$/);
});

eachLane("an import that its client cancels keeps whole rows", async (steward) => {
  const { client, server, inventory } = steward;
  const call = client.open(at);
  const rows = Array.from({ length: 100 }, (_, n) => ({ item: { name: `item ${n}`, quantity: 3 } }));
  call.send({ rows });
  await until("rows are written", () => server.store.status().revision > 0);
  call.cancel();
  assertEquals((await call.received).status.code, codes.CANCELLED);
  const { movements } = await inventory.ListMovements({ page_size: 1000 });
  assertEquals(movements.length, server.store.status().revision);
  assert(movements.every(({ delta }) => delta === 3));
});

eachLane("100,000 rows take seconds", async (steward) => {
  const call = steward.client.open(at);
  const started = performance.now();
  for (let start = 0; start < 100_000; start += 500) {
    const rows = Array.from({ length: 500 }, (_, n) => ({ item: { name: `item ${start + n}`, quantity: 1 } }));
    if (!call.send({ rows })) await new Promise((resolve) => call.stream.once("drain", resolve));
  }
  call.finish();
  const { messages, status } = await call.received;
  assertEquals(status.code, codes.OK, status.details);
  assertEquals(messages[0]!.created, 100_000);
  assert(performance.now() - started < 30_000);
});
