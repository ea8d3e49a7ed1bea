/**
 * A pool of connections that each hold one state of the database for reading, while writes go on.
 *
 * A snapshot keeps the write-ahead log from being reset, so none is held for a reader that stands still, nor for one
 * that goes on while the log has outgrown its limit.
 *
 * @module
 */
import { StoreError } from "../errors.ts";
import type { Connection, Row, Value } from "./connection.ts";

/** Connections without a snapshot that are kept for the next one. */
const MAX_SPARE = 4;

export interface SnapshotOptions {
  readonly open: () => Connection;
  readonly maxSnapshots: number;
  readonly snapshotIdleMs: number;
  readonly now: () => number;
}

/** One state of the database. */
export interface Snapshot {
  /** The last revision in it. */
  readonly revision: number;
  /** Reads from it. SNAPSHOT_EXPIRED and STORE_CLOSED when it was taken away. */
  all(sql: string, ...values: Value[]): Row[];
  /** Lets it go. Once is enough, more does nothing. */
  release(): void;
}

export class SnapshotPool {
  readonly #held = new Set<HeldSnapshot>();
  #spare: Connection[] = [];
  #sweep: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(private readonly options: SnapshotOptions) {}

  /** Snapshots held. */
  get size(): number {
    return this.#held.size;
  }

  /** Holds the last committed state. TOO_MANY_SNAPSHOTS. */
  acquire(): Snapshot {
    if (this.#closed) throw new StoreError("STORE_CLOSED", {});
    const limit = this.options.maxSnapshots;
    if (this.#held.size >= limit) throw new StoreError("TOO_MANY_SNAPSHOTS", { limit });
    const db = this.#spare.pop() ?? this.options.open();
    try {
      db.run("BEGIN");
      // The state is fixed by the first read, not by BEGIN.
      const revision = db.get("SELECT revision FROM state")![0] as number;
      const snapshot = new HeldSnapshot(db, revision, this.options.now, () => this.#release(snapshot));
      this.#held.add(snapshot);
      this.#schedule();
      return snapshot;
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Takes away all snapshots but those of the present state, so that the write-ahead log can be reset. How many. */
  expireBefore(revision: number): number {
    let count = 0;
    for (const snapshot of [...this.#held]) {
      if (snapshot.revision >= revision) continue;
      const seconds = Math.round((this.options.now() - snapshot.heldSince) / 1000);
      snapshot.end(new StoreError("SNAPSHOT_EXPIRED", { seconds }));
      count++;
    }
    return count;
  }

  /** Takes away every snapshot. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#sweep);
    for (const snapshot of [...this.#held]) snapshot.end(new StoreError("STORE_CLOSED", {}));
    for (const db of this.#spare) db.close();
    this.#spare = [];
  }

  #release(snapshot: HeldSnapshot): void {
    if (!this.#held.delete(snapshot)) return;
    const { db } = snapshot;
    db.rollback();
    if (this.#closed || db.inTransaction || this.#spare.length >= MAX_SPARE) db.close();
    else this.#spare.push(db);
  }

  #schedule(): void {
    if (this.#sweep !== undefined || this.#held.size === 0) return;
    const { snapshotIdleMs, now } = this.options;
    let oldest = Infinity;
    for (const { usedAt } of this.#held) oldest = Math.min(oldest, usedAt);
    const wait = Math.min(Math.max(oldest + snapshotIdleMs - now(), 1), snapshotIdleMs);
    this.#sweep = setTimeout(() => this.#expire(), wait);
    Deno.unrefTimer(this.#sweep as unknown as number);
  }

  #expire(): void {
    this.#sweep = undefined;
    const { snapshotIdleMs, now } = this.options;
    const expired = now() - snapshotIdleMs;
    for (const snapshot of [...this.#held]) {
      if (snapshot.usedAt > expired) continue;
      snapshot.end(new StoreError("SNAPSHOT_EXPIRED", { seconds: snapshotIdleMs / 1000 }));
    }
    this.#schedule();
  }
}

class HeldSnapshot implements Snapshot {
  readonly heldSince: number;
  usedAt: number;
  #ended: StoreError | null = null;

  constructor(
    readonly db: Connection,
    readonly revision: number,
    private readonly now: () => number,
    private readonly letGo: () => void,
  ) {
    this.heldSince = this.usedAt = now();
  }

  all(sql: string, ...values: Value[]): Row[] {
    if (this.#ended !== null) throw this.#ended;
    this.usedAt = this.now();
    return this.db.all(sql, ...values);
  }

  release(): void {
    this.#ended ??= new StoreError("STORE_CLOSED", {});
    this.letGo();
  }

  end(reason: StoreError): void {
    this.#ended ??= reason;
    this.letGo();
  }
}
