/**
 * Group commit: one transaction takes the operations that have arrived, so that they share one fsync.
 *
 * The first operation asks for a drain in the next turn of the event loop; whatever arrives until then joins it. There
 * is no timer. A drain is synchronous: between its BEGIN and its COMMIT nothing else runs in this thread, so every
 * other use of the connection sees committed data only. Each operation has a savepoint and fails alone; a failure of the
 * storage fails the whole transaction, and nothing of it is left in the database or in memory.
 *
 * @module
 */
import { StoreError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { ioTurn } from "./event_loop.ts";
import { type Health, isStorageError } from "./failure.ts";
import { Transaction } from "./transaction.ts";

/** What waits to be written. */
export interface Operation<T> {
  /** Does the work. What it throws is what its caller gets, and its writes are undone. */
  readonly run: (tx: Transaction) => T;
  /** How many operations it counts for in a commit. */
  readonly weight: number;
  /** Bytes of its request, about. */
  readonly bytes: number;
  readonly signal?: AbortSignal | undefined;
}

interface Waiting extends Operation<unknown> {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

type Outcome = { readonly result: unknown } | { readonly error: unknown };

export interface WriteQueueOptions {
  readonly maxQueuedOperations: number;
  readonly commitMaxOperations: number;
  readonly commitMaxBytes: number;
  readonly now: () => number;
  /** The last committed revision. */
  readonly revision: () => number;
  /** Called after each commit, before its operations resolve. */
  readonly committed: (tx: Transaction) => void;
  readonly log: (message: string, error?: unknown) => void;
  readonly onCommit: (operations: number, ms: number) => void;
}

export class WriteQueue {
  #waiting: Waiting[] = [];
  #head = 0;
  #draining = false;
  #closed = false;
  #idle: PromiseWithResolvers<void> | null = null;

  constructor(
    private readonly db: Connection,
    private readonly health: Health,
    private readonly options: WriteQueueOptions,
  ) {}

  /** Operations that wait. */
  get length(): number {
    return this.#waiting.length - this.#head;
  }

  /** Resolves when the operation is on disk. */
  submit<T>(operation: Operation<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreError("STORE_CLOSED", {}));
    const limit = this.options.maxQueuedOperations;
    if (this.length >= limit) return Promise.reject(new StoreError("WRITE_QUEUE_FULL", { limit }));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push({ ...operation, resolve: resolve as (result: unknown) => void, reject });
    if (!this.#draining) {
      this.#draining = true;
      setImmediate(() => void this.#drain());
    }
    return promise;
  }

  /** Takes nothing more; resolves when what waited is written. */
  close(): Promise<void> {
    this.#closed = true;
    if (!this.#draining) return Promise.resolve();
    this.#idle ??= Promise.withResolvers<void>();
    return this.#idle.promise;
  }

  async #drain(): Promise<void> {
    for (;;) {
      const batch = this.#take();
      if (batch.length > 0) this.#commit(batch);
      if (this.length === 0) break;
      await ioTurn();
    }
    this.#draining = false;
    this.#idle?.resolve();
  }

  #take(): Waiting[] {
    const batch: Waiting[] = [];
    let weight = 0;
    let bytes = 0;
    while (this.#head < this.#waiting.length) {
      const next = this.#waiting[this.#head]!;
      if (next.signal?.aborted) {
        next.reject(next.signal.reason);
      } else {
        weight += next.weight;
        bytes += next.bytes;
        const full = weight > this.options.commitMaxOperations || bytes > this.options.commitMaxBytes;
        if (full && batch.length > 0) break;
        batch.push(next);
      }
      this.#head++;
    }
    if (this.#head * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return batch;
  }

  #commit(batch: readonly Waiting[]): void {
    let outcomes: readonly Outcome[];
    let tx: Transaction;
    const start = performance.now();
    try {
      this.db.run("BEGIN IMMEDIATE");
      tx = new Transaction(this.db, this.options.revision(), this.options.now());
      outcomes = batch.map((operation) => this.#attempt(operation, tx));
      if (tx.revisions.length > 0) this.db.run("UPDATE state SET revision = ?", tx.revision);
      this.db.run(outcomes.every((outcome) => "error" in outcome) ? "ROLLBACK" : "COMMIT");
    } catch (error) {
      this.db.rollback();
      if (isStorageError(error)) this.health.failed(error);
      else this.options.log("A commit failed", error);
      for (const { reject } of batch) reject(error);
      return;
    }
    // Without a revision perhaps nothing was written, and that it succeeded says nothing.
    if (tx.revisions.length > 0) this.health.succeeded();
    try {
      this.options.committed(tx);
      tx.committed();
      this.options.onCommit(batch.length, performance.now() - start);
    } catch (error) {
      this.options.log("What follows a commit failed", error);
    }
    batch.forEach(({ resolve, reject }, i) => {
      const outcome = outcomes[i]!;
      if ("error" in outcome) reject(outcome.error);
      else resolve(outcome.result);
    });
  }

  /** Runs one operation in its savepoint. Throws only what ends the whole transaction. */
  #attempt(operation: Operation<unknown>, tx: Transaction): Outcome {
    const mark = tx.mark();
    this.db.run("SAVEPOINT operation");
    let result: unknown;
    try {
      result = operation.run(tx);
    } catch (error) {
      // SQLite ends the transaction by itself on some failures of the storage, and its savepoints with it.
      if (isStorageError(error) || !this.db.inTransaction) throw error;
      this.db.run("ROLLBACK TO operation");
      this.db.run("RELEASE operation");
      tx.return(mark);
      return { error };
    }
    this.db.run("RELEASE operation");
    return { result };
  }
}
