/**
 * The interface of a store. It is asynchronous and knows neither SQL nor gRPC. Every operation that fails for a
 * reason its caller should know throws a {@linkcode StoreError}; those are named where they are not obvious.
 *
 * A mutation is durable, and visible to every later read, when its promise resolves.
 *
 * @module
 */
import type { Change, Item, ItemInput, ItemPatch, Kind, Kinds, Movement, Task, TaskInput, TaskPatch } from "./types.ts";
import type { StoreError } from "./errors.ts";

/** What every mutation may carry. */
export interface Mutation {
  /** Ends the wait in the write queue. An operation that has begun runs to its end. */
  readonly signal?: AbortSignal;
  /**
   * Makes the mutation happen once: within 24 hours the same id with the same fingerprint gives the first answer again;
   * with another fingerprint REQUEST_ID_REUSED. Failures are not remembered.
   */
  readonly request?: { readonly id: string; readonly fingerprint: string } | undefined;
}

/** A mutation of something that exists. */
export interface GuardedMutation extends Mutation {
  /** The revision that the thing must still have; otherwise ETAG_MISMATCH. */
  readonly expectedRevision?: number | undefined;
}

/** A page of a longer list; `next` is what to pass as `after` for the following one, null on the last. */
export interface Page<T, C> {
  readonly entries: readonly T[];
  readonly next: C | null;
}

/** What becomes of a row of an import. */
export type ImportResult =
  | { readonly status: "created" | "replaced" | "skipped"; readonly revision: number }
  | { readonly status: "failed"; readonly error: StoreError };

export interface ItemStore {
  /** ITEM_EXISTS. */
  add(input: ItemInput, mutation?: Mutation): Promise<Item>;
  /** The item, or null. */
  get(name: string): Promise<Item | null>;
  /**
   * All items of one consistent snapshot, in the order of their names' UTF-8 bytes, in batches. The snapshot is taken
   * before the promise resolves and let go when the iteration ends or is returned. TOO_MANY_SNAPSHOTS;
   * SNAPSHOT_EXPIRED while iterating.
   */
  scan(options: {
    readonly prefix?: string | undefined;
    readonly where?: ((item: Item) => boolean) | undefined;
    readonly signal?: AbortSignal | undefined;
  }): Promise<AsyncIterable<readonly Item[]>>;
  /**
   * ITEM_NOT_FOUND, ETAG_MISMATCH. A patch that changes nothing keeps the revision and updatedAt, and nobody hears of it.
   */
  update(name: string, patch: ItemPatch, mutation?: GuardedMutation): Promise<Item>;
  /** ITEM_NOT_FOUND, ETAG_MISMATCH. The item as it was. */
  remove(name: string, mutation?: GuardedMutation): Promise<Item>;
  /** ITEM_NOT_FOUND, ETAG_MISMATCH, STOCK_SHORT, STOCK_OVERFLOW. */
  adjust(
    name: string,
    change: { readonly delta: number; readonly reason: string; readonly reference: string },
    mutation?: GuardedMutation,
  ): Promise<{ readonly item: Item; readonly movement: Movement }>;
  /**
   * Writes the rows in order; each succeeds or fails alone and is a revision of its own. With `stopOnError` the result is
   * shorter than the input: it ends with the row that failed. With `dryRun` nothing is written. A result's revision is 0
   * when its row wrote nothing: skipped, replaced by the same, or a dry run.
   * Rejects when the storage fails or the signal aborts; the first rows may be written then, in their order.
   */
  importRows(
    rows: readonly ItemInput[],
    options: {
      readonly mode: "create" | "skip" | "replace";
      readonly stopOnError?: boolean;
      readonly dryRun?: boolean;
      /** Names that earlier rows of a dry run would have made; those of these rows are added. */
      readonly tried?: Set<string>;
      readonly signal?: AbortSignal;
    },
  ): Promise<readonly ImportResult[]>;
  /** The ledger, newest first, below the movement id `after`. */
  movements(options: {
    readonly item?: string | undefined;
    readonly where?: ((movement: Movement) => boolean) | undefined;
    readonly after?: number | undefined;
    readonly limit: number;
    readonly signal?: AbortSignal | undefined;
  }): Promise<Page<Movement, number>>;
}

export type TaskOrderField = "createdAt" | "updatedAt" | "dueAt" | "priority" | "status" | "title";
export interface TaskOrder {
  readonly field: TaskOrderField;
  readonly descending: boolean;
}
/** The sort values of the last task of a page, in the order's fields, then its id. */
export type TaskCursor = readonly (string | number | null)[];

export interface TaskStore {
  create(input: TaskInput, mutation?: Mutation): Promise<Task>;
  get(id: string): Promise<Task | null>;
  /**
   * Tasks in the given order, then by id in the direction of the last field; those without dueAt last in either
   * direction. A long search with `where` sees what is written while it runs.
   */
  list(options: {
    readonly order: readonly TaskOrder[];
    readonly where?: ((task: Task) => boolean) | undefined;
    readonly after?: TaskCursor | undefined;
    readonly limit: number;
    readonly signal?: AbortSignal | undefined;
  }): Promise<Page<Task, TaskCursor>>;
  /**
   * TASK_NOT_FOUND, ETAG_MISMATCH, TASK_DONE; finishing: STOCK_SHORT with every short item; reopening: MATERIAL_GONE,
   * STOCK_OVERFLOW. Materials move in the same transaction and revision. A patch that changes nothing is as in
   * {@linkcode ItemStore.update}.
   */
  update(id: string, patch: TaskPatch, mutation?: GuardedMutation): Promise<Task>;
  /** TASK_NOT_FOUND, ETAG_MISMATCH. The task as it was. */
  delete(id: string, mutation?: GuardedMutation): Promise<Task>;
}

/** What a watcher receives: a part of the snapshot, the changes of whole revisions, or word of progress. */
export type WatchEvent<K extends Kind> =
  | { readonly type: "snapshot"; readonly entries: readonly Kinds[K][] }
  /** All matching changes of one revision, never split. */
  | { readonly type: "changes"; readonly revision: number; readonly changes: readonly Change<K>[] }
  /** Everything up to this revision was given: after a snapshot, and in silence when asked for. */
  | { readonly type: "progress"; readonly revision: number };

export interface WatchOptions<K extends Kind> {
  readonly kind: K;
  /** Exclusive. Absent: from now on. REVISION_COMPACTED, REVISION_AHEAD. */
  readonly since?: number | undefined;
  /** What exists first, then a progress event, then changes. Not together with `since`. */
  readonly snapshot?: boolean | undefined;
  /** A change is given when this holds for the state before or after it. */
  readonly where?: ((thing: Kinds[K]) => boolean) | undefined;
  /** Word of progress after so much silence. */
  readonly progressMs?: number | undefined;
  readonly signal: AbortSignal;
}

export interface StoreStatus {
  readonly revision: number;
  /** The lowest revision that a watch can resume from. */
  readonly oldestRevision: number;
  /** Writes in the queue. */
  readonly queued: number;
  readonly watchers: number;
  /** Lists that hold a snapshot open. */
  readonly snapshots: number;
  /** Null when writes succeed, else why they do not. */
  readonly failure: string | null;
}

export interface Store {
  readonly items: ItemStore;
  readonly tasks: TaskStore;
  /**
   * Watches changes in revision order, each exactly once. The watch stands when the promise resolves: nothing
   * committed afterwards is missed. Events come in batches. TOO_MANY_WATCHERS; while iterating REVISION_COMPACTED
   * when the watcher fell behind compaction. Ends when the signal aborts, by throwing its reason.
   */
  watch<K extends Kind>(options: WatchOptions<K>): Promise<AsyncIterable<readonly WatchEvent<K>[]>>;
  status(): StoreStatus;
  /** Called at once and whenever `failure` of the status changes; returns how to stop. */
  onHealth(listener: (failure: string | null) => void): () => void;
  /** Finishes what is queued, ends watches and snapshots with STORE_CLOSED, closes the files. */
  close(): Promise<void>;
}
