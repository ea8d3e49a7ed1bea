/**
 * What can go wrong in a store, in its own terms. The services give each reason its status code and sentence.
 *
 * @module
 */

/** Every reason with the facts that come with it. */
export interface StoreFailures {
  ITEM_EXISTS: { name: string };
  ITEM_NOT_FOUND: { name: string };
  TASK_NOT_FOUND: { id: string };
  /** The caller's etag names another state than the present one. */
  ETAG_MISMATCH: { kind: "item" | "task"; key: string };
  /** Not enough in stock, for each item named; `available` is null when the item does not exist. */
  STOCK_SHORT: { items: { name: string; wanted: number; available: number | null }[] };
  /** More than an item's quantity can hold. */
  STOCK_OVERFLOW: { items: { name: string; delta: number; available: number }[] };
  /** A finished task gave back pieces of items that are no longer there. */
  MATERIAL_GONE: { names: string[] };
  /** The materials of a finished task cannot change. */
  TASK_DONE: { id: string };
  /** The request id was used for another request within its lifetime. */
  REQUEST_ID_REUSED: { requestId: string };
  /** The revision was compacted away; `oldest` is the lowest one to resume from. */
  REVISION_COMPACTED: { revision: number; oldest: number };
  /** The revision is ahead of the store. */
  REVISION_AHEAD: { revision: number; current: number };
  /** More writes are waiting than the queue takes. */
  WRITE_QUEUE_FULL: { limit: number };
  /** More lists are being read than there are snapshots. */
  TOO_MANY_SNAPSHOTS: { limit: number };
  /** A list stood still, or kept the files growing, for longer than its snapshot is kept. */
  SNAPSHOT_EXPIRED: { seconds: number };
  /** More watchers than allowed. */
  TOO_MANY_WATCHERS: { limit: number };
  /** No space left for the write. */
  STORAGE_FULL: { detail: string };
  /** The files cannot be written, or reading or writing them failed. */
  STORAGE_UNAVAILABLE: { detail: string };
  /** The store is being closed. */
  STORE_CLOSED: Record<never, never>;
}

export type StoreReason = keyof StoreFailures;

/** Thrown by every operation of a store that fails for a reason its caller should know. */
export class StoreError<R extends StoreReason = StoreReason> extends Error {
  override readonly name = "StoreError";

  constructor(readonly reason: R, readonly facts: StoreFailures[R], options?: ErrorOptions) {
    super(`${reason} ${JSON.stringify(facts)}`, options);
  }
}

/** Why a store does not open. */
export type OpenFailure =
  /** Another server has it. */
  | "in_use"
  /** A newer Steward wrote it. */
  | "newer"
  /** The file is something else. */
  | "foreign"
  | "corrupt"
  /** The directory or its files cannot be used: no permission, no space, an unfit file system. */
  | "unavailable";

/** Thrown when a store does not open. The message is a sentence for the person who starts the server. */
export class StoreOpenError extends Error {
  override readonly name = "StoreOpenError";

  constructor(readonly failure: OpenFailure, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Thrown when a backup or a restore cannot be made. The message is a sentence for the person who asked for it. */
export class CopyError extends Error {
  override readonly name = "CopyError";
}
