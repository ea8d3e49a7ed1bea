/**
 * Reads a whole table, page by page, from one state of the database.
 *
 * @module
 */
import type { Row, Value } from "./connection.ts";
import { ioTurn } from "./event_loop.ts";
import type { Snapshot, SnapshotPool } from "./snapshots.ts";

/** Rows a page: large enough that a statement's own cost is small, small enough to take about a millisecond. */
export const PAGE_ROWS = 512;

export interface Readable {
  all(sql: string, ...values: Value[]): Row[];
}

/** How to read a table in the order of its key. */
export interface Table<T> {
  /** The first page, or the one after a key. */
  page(db: Readable, after: string | null): T[];
  key(thing: T): string;
}

/** Where scans read. */
export interface ScanSource {
  readonly db: Readable;
  readonly snapshots: SnapshotPool;
  /** The last committed revision. */
  readonly revision: () => number;
}

/**
 * The things of one state, in batches that are never empty. The state is held from the moment the scan is made, until it
 * ends, is returned, fails or is aborted. A table that fits a page is read at once and holds nothing.
 */
export class Scan<T> implements AsyncIterableIterator<readonly T[]> {
  /** The revision of the state. */
  readonly revision: number;
  #page: T[] | null;
  #after: string | null = null;
  #snapshot: Snapshot | null = null;
  readonly #aborted: () => void;

  /** TOO_MANY_SNAPSHOTS. Throws the signal's reason when it is aborted. */
  constructor(
    source: ScanSource,
    private readonly table: Table<T>,
    private readonly where: ((thing: T) => boolean) | undefined,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.#aborted = () => this.#end();
    signal?.throwIfAborted();
    // Nothing is committed before the snapshot is held: both happen in this turn of the event loop.
    this.#page = table.page(source.db, null);
    this.revision = source.revision();
    if (this.#page.length < PAGE_ROWS) return;
    this.#after = table.key(this.#page[this.#page.length - 1]!);
    this.#snapshot = source.snapshots.acquire();
    signal?.addEventListener("abort", this.#aborted, { once: true });
  }

  async next(): Promise<IteratorResult<readonly T[], undefined>> {
    try {
      for (;;) {
        // Also for a reader that never waits for anything else.
        if (this.#page === null && this.#snapshot !== null) await ioTurn();
        this.signal?.throwIfAborted();
        const page = this.#page ?? this.#read();
        this.#page = null;
        if (page.length < PAGE_ROWS) this.#end();
        const matching = this.where === undefined ? page : page.filter(this.where);
        if (matching.length > 0) return { done: false, value: matching };
        if (this.#snapshot === null) return { done: true, value: undefined };
      }
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  return(): Promise<IteratorResult<readonly T[], undefined>> {
    this.#page = null;
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #read(): T[] {
    if (this.#snapshot === null) return [];
    const page = this.table.page(this.#snapshot, this.#after);
    if (page.length > 0) this.#after = this.table.key(page[page.length - 1]!);
    return page;
  }

  #end(): void {
    this.#snapshot?.release();
    this.#snapshot = null;
    this.signal?.removeEventListener("abort", this.#aborted);
  }
}
