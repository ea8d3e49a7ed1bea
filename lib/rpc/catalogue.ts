/**
 * Every error that Steward answers: its reason, its code, its sentence and when it happens. The one place where these
 * stand; docs/errors.md is made from it.
 *
 * @module
 */
import type { CodeName } from "./code.ts";

interface Entry<Facts> {
  readonly code: CodeName;
  /** When it happens and what to do, for the reference. */
  readonly doc: string;
  readonly message: (facts: Facts) => string;
}

function entry<Facts = Record<never, never>>(
  code: CodeName,
  doc: string,
  message: (facts: Facts) => string,
): Entry<Facts> {
  return { code, doc, message };
}

const list = (names: readonly string[]) => names.map((name) => `'${name}'`).join(", ");

export const CATALOGUE = {
  INVALID_REQUEST: entry<{ summary: string }>(
    "INVALID_ARGUMENT",
    "One or more fields of the request are wrong. google.rpc.BadRequest names each of them.",
    ({ summary }) => summary,
  ),
  MALFORMED_MESSAGE: entry<{ type: string; detail: string }>(
    "INVALID_ARGUMENT",
    "The bytes of the request are not a message of the method's type.",
    ({ type, detail }) => `the request is not a valid ${type}: ${detail}`,
  ),
  REQUEST_ID_REUSED: entry<{ requestId: string }>(
    "INVALID_ARGUMENT",
    "The request_id was used for a different request within the last 24 hours. Use a new one for each change.",
    ({ requestId }) => `request_id '${requestId}' was used for another request`,
  ),
  ITEM_EXISTS: entry<{ name: string }>(
    "ALREADY_EXISTS",
    "There is an item of that name. Update it, or adjust its stock.",
    ({ name }) => `item '${name}' already exists`,
  ),
  ITEM_NOT_FOUND: entry<{ name: string }>(
    "NOT_FOUND",
    "There is no item of that name. Names are compared exactly.",
    ({ name }) => `item '${name}' not found`,
  ),
  TASK_NOT_FOUND: entry<{ id: string }>(
    "NOT_FOUND",
    "There is no task with that id.",
    ({ id }) => `Task '${id}' not found`,
  ),
  SERVICE_NOT_FOUND: entry<{ service: string }>(
    "NOT_FOUND",
    "A health check named a service that this server does not have.",
    ({ service }) => `unknown service '${service}'`,
  ),
  ETAG_MISMATCH: entry<{ kind: string; key: string }>(
    "ABORTED",
    "Somebody changed it since it was read. Read it again and start over.",
    ({ kind, key }) => `${kind} '${key}' was changed by somebody else: its etag is not the one given`,
  ),
  STOCK_SHORT: entry<{ items: readonly { name: string; wanted: number; available: number | null }[] }>(
    "FAILED_PRECONDITION",
    "There is not enough in stock. google.rpc.PreconditionFailure names each item that is short.",
    ({ items }) =>
      "not enough in stock: " +
      items.map(({ name, wanted, available }) =>
        `'${name}' needs ${wanted}, ` + (available === null ? "not in the inventory" : `has ${available}`)
      ).join("; "),
  ),
  STOCK_OVERFLOW: entry<{ items: readonly { name: string; delta: number; available: number }[] }>(
    "FAILED_PRECONDITION",
    "The quantity would exceed 2147483647.",
    ({ items }) =>
      "too much stock: " +
      items.map(({ name, delta, available }) => `'${name}' has ${available} and cannot take ${delta} more`).join("; "),
  ),
  MATERIAL_GONE: entry<{ names: readonly string[] }>(
    "FAILED_PRECONDITION",
    "Reopening the task would put materials back, but the items are no longer in the inventory. Add them first.",
    ({ names }) => `cannot put materials back: ${list(names)} not in the inventory`,
  ),
  TASK_DONE: entry<{ id: string }>(
    "FAILED_PRECONDITION",
    "The materials of a finished task cannot change. Reopen the task first.",
    ({ id }) => `task '${id}' is done: reopen it before changing its materials`,
  ),
  REVISION_COMPACTED: entry<{ revision: number; oldest: number }>(
    "OUT_OF_RANGE",
    "The changes since that revision are no longer kept. Watch with snapshot, or from the oldest revision named.",
    ({ revision, oldest }) => `revision ${revision} was compacted: the oldest to resume from is ${oldest}`,
  ),
  REVISION_AHEAD: entry<{ revision: number; current: number }>(
    "OUT_OF_RANGE",
    "The revision lies in the future of this store, as after restoring an older backup. Watch with snapshot.",
    ({ revision, current }) => `revision ${revision} is ahead of the store, which is at ${current}`,
  ),
  WRITE_QUEUE_FULL: entry<{ limit: number }>(
    "RESOURCE_EXHAUSTED",
    "More writes are waiting than --max-queued-writes allows. Try again after a moment.",
    ({ limit }) => `more than ${limit} writes are waiting`,
  ),
  TOO_MANY_CALLS: entry<{ limit: number }>(
    "RESOURCE_EXHAUSTED",
    "More calls are running than --max-concurrent-calls allows. Try again after a moment.",
    ({ limit }) => `more than ${limit} calls are running`,
  ),
  TOO_MANY_SNAPSHOTS: entry<{ limit: number }>(
    "RESOURCE_EXHAUSTED",
    "More long lists are being read than --max-snapshots allows. Try again after a moment.",
    ({ limit }) => `more than ${limit} lists are being read`,
  ),
  TOO_MANY_WATCHERS: entry<{ limit: number }>(
    "RESOURCE_EXHAUSTED",
    "More watches are open than --max-watchers allows.",
    ({ limit }) => `more than ${limit} watches are open`,
  ),
  MESSAGE_TOO_LARGE: entry<{ limit: number }>(
    "RESOURCE_EXHAUSTED",
    "A message is larger than --max-message-bytes, before or after decompression.",
    ({ limit }) => `a message is larger than ${limit} bytes`,
  ),
  STORAGE_FULL: entry<{ detail: string }>(
    "RESOURCE_EXHAUSTED",
    "The disk is full. Nothing was changed; the server goes on by itself once there is space.",
    ({ detail }) => `the server's disk is full (${detail}); nothing was changed`,
  ),
  SNAPSHOT_EXPIRED: entry<{ seconds: number }>(
    "ABORTED",
    "The reader let a list stand still for longer than --snapshot-idle. Start the list again.",
    ({ seconds }) => `the list was not read for ${seconds} s`,
  ),
  STORAGE_UNAVAILABLE: entry<{ detail: string }>(
    "UNAVAILABLE",
    "The database cannot be read or written. The server goes on by itself once it can.",
    ({ detail }) => `the database is not available: ${detail}`,
  ),
  STORE_CLOSED: entry(
    "UNAVAILABLE",
    "The server is shutting down. Try again, perhaps with another server.",
    () => "the server is shutting down",
  ),
  SHUTTING_DOWN: entry(
    "UNAVAILABLE",
    "The server is shutting down. Try again, perhaps with another server.",
    () => "the server is shutting down",
  ),
  DEADLINE_EXCEEDED: entry(
    "DEADLINE_EXCEEDED",
    "The deadline of the call passed. A change may have been made all the same: use request_id to try again safely.",
    () => "the deadline has passed",
  ),
  CANCELLED: entry(
    "CANCELLED",
    "The client cancelled the call.",
    () => "the call was cancelled",
  ),
  UNKNOWN_METHOD: entry<{ path: string }>(
    "UNIMPLEMENTED",
    "The server has no such method.",
    ({ path }) => `no method ${path}`,
  ),
  UNKNOWN_ENCODING: entry<{ encoding: string }>(
    "UNIMPLEMENTED",
    "The message is compressed in a way the server does not know. It knows identity and gzip.",
    ({ encoding }) => `unknown message encoding '${encoding}'`,
  ),
  WRONG_MESSAGE_COUNT: entry<{ count: string }>(
    "UNIMPLEMENTED",
    "A method that takes exactly one request got none or several.",
    ({ count }) => `expected one request message, got ${count}`,
  ),
  METHOD_STREAMS: entry<{ path: string; types: string }>(
    "UNIMPLEMENTED",
    "A method that streams was called by a protocol of single messages.",
    ({ path, types }) => `${path} streams: call it with content-type ${types}`,
  ),
  METHOD_DOES_NOT_STREAM: entry<{ path: string; types: string }>(
    "UNIMPLEMENTED",
    "A method of single messages was called by a protocol of streams.",
    ({ path, types }) => `${path} does not stream: call it with content-type ${types}`,
  ),
  BROKEN_STREAM: entry<{ detail: string }>(
    "INTERNAL",
    "The request ended in the middle of a message, or its framing is wrong.",
    ({ detail }) => `the request stream is broken: ${detail}`,
  ),
  INTERNAL: entry<{ requestId: string }>(
    "INTERNAL",
    "A fault in the server. Its log has the details under the request id named.",
    ({ requestId }) => `internal error (request ${requestId})`,
  ),
} as const;

export type Reason = keyof typeof CATALOGUE;
/** What has to be known to answer the error. */
export type Facts<R extends Reason> = Parameters<(typeof CATALOGUE)[R]["message"]>[0];
