import { assert, assertEquals } from "@std/assert";
import { codeName } from "../../lib/rpc/mod.ts";
import { translateStoreError } from "../../lib/services/errors.ts";
import { StoreError, type StoreFailures, type StoreReason } from "../../lib/store/mod.ts";

/** For each reason of the store, facts and what a caller is told of them: code, sentence, further detail. */
const ANSWERS: { [R in StoreReason]: [facts: StoreFailures[R], code: string, message: string, detail?: object] } = {
  ITEM_EXISTS: [
    { name: "X" },
    "ALREADY_EXISTS",
    "item 'X' already exists",
    { resource_type: "inventory.Item", resource_name: "X" },
  ],
  ITEM_NOT_FOUND: [
    { name: "X" },
    "NOT_FOUND",
    "item 'X' not found",
    { resource_type: "inventory.Item", resource_name: "X" },
  ],
  TASK_NOT_FOUND: [
    { id: "7" },
    "NOT_FOUND",
    "Task '7' not found",
    { resource_type: "taskmanager.Task", resource_name: "7" },
  ],
  ETAG_MISMATCH: [
    { kind: "item", key: "X" },
    "ABORTED",
    "item 'X' was changed by somebody else: its etag is not the one given",
  ],
  STOCK_SHORT: [
    { items: [{ name: "X", wanted: 3, available: 1 }, { name: "Y", wanted: 1, available: null }] },
    "FAILED_PRECONDITION",
    "not enough in stock: 'X' needs 3, has 1; 'Y' needs 1, not in the inventory",
    violations("STOCK_SHORT", ["X", "needs 3, has 1"], ["Y", "needs 1, not in the inventory"]),
  ],
  STOCK_OVERFLOW: [
    { items: [{ name: "X", delta: 2, available: 2147483646 }] },
    "FAILED_PRECONDITION",
    "too much stock: 'X' has 2147483646 and cannot take 2 more",
    violations("STOCK_OVERFLOW", ["X", "has 2147483646, cannot take 2 more"]),
  ],
  MATERIAL_GONE: [
    { names: ["X", "Y"] },
    "FAILED_PRECONDITION",
    "cannot put materials back: 'X', 'Y' not in the inventory",
    violations("MATERIAL_GONE", ["X", "not in the inventory"], ["Y", "not in the inventory"]),
  ],
  TASK_DONE: [
    { id: "7" },
    "FAILED_PRECONDITION",
    "task '7' is done: reopen it before changing its materials",
    violations("TASK_DONE", ["7", "the task is done"]),
  ],
  REQUEST_ID_REUSED: [{ requestId: "r" }, "INVALID_ARGUMENT", "request_id 'r' was used for another request"],
  REVISION_COMPACTED: [
    { revision: 5, oldest: 9 },
    "OUT_OF_RANGE",
    "revision 5 was compacted: the oldest to resume from is 9",
  ],
  REVISION_AHEAD: [
    { revision: 9, current: 5 },
    "OUT_OF_RANGE",
    "revision 9 is ahead of the store, which is at 5",
  ],
  WRITE_QUEUE_FULL: [{ limit: 10 }, "RESOURCE_EXHAUSTED", "more than 10 writes are waiting", retry(0, 100)],
  TOO_MANY_SNAPSHOTS: [{ limit: 10 }, "RESOURCE_EXHAUSTED", "more than 10 lists are being read", retry(1, 0)],
  SNAPSHOT_EXPIRED: [{ seconds: 60 }, "ABORTED", "the list was not read for 60 s"],
  TOO_MANY_WATCHERS: [{ limit: 10 }, "RESOURCE_EXHAUSTED", "more than 10 watches are open"],
  STORAGE_FULL: [
    { detail: "full" },
    "RESOURCE_EXHAUSTED",
    "the server's disk is full (full); nothing was changed",
    retry(5, 0),
  ],
  STORAGE_UNAVAILABLE: [{ detail: "gone" }, "UNAVAILABLE", "the database is not available: gone", retry(1, 0)],
  STORE_CLOSED: [{}, "UNAVAILABLE", "the server is shutting down"],
};

function violations(type: string, ...list: [subject: string, description: string][]) {
  return { violations: list.map(([subject, description]) => ({ type, subject, description })) };
}

function retry(seconds: number, ms: number) {
  return { retry_delay: { seconds, nanos: ms * 1_000_000 } };
}

Deno.test("each reason of the store has its code, its sentence and its details", () => {
  for (const [reason, [facts, code, message, detail]] of Object.entries(ANSWERS)) {
    const thrown = new StoreError(reason as StoreReason, facts as never);
    const error = translateStoreError(thrown)!;
    assertEquals([codeName(error.code), error.message, error.cause], [code, message, thrown], reason);
    const [info, more] = error.details;
    assertEquals((info!.value as { reason: string }).reason, reason);
    assertEquals(more?.value, detail);
  }
});

Deno.test("the facts of an error are in its ErrorInfo", () => {
  const error = translateStoreError(new StoreError("REVISION_COMPACTED", { revision: 5, oldest: 9 }))!;
  assertEquals(error.details, [{
    type: "google.rpc.ErrorInfo",
    value: { reason: "REVISION_COMPACTED", domain: "steward", metadata: { revision: "5", oldest: "9" } },
  }]);
});

Deno.test("any other error is not the store's", () => {
  for (const error of [new Error("x"), new TypeError("x"), "x", undefined, null, { reason: "ITEM_EXISTS" }]) {
    assertEquals(translateStoreError(error), undefined);
  }
  assert(translateStoreError(new StoreError("STORE_CLOSED", {})) !== undefined);
});
