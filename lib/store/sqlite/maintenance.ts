/**
 * Keeps the files from growing: old changes and requests are deleted in small steps through the write queue, with pauses,
 * and the write-ahead log is freed of readers when it has outgrown its limit.
 *
 * @module
 */
import type { ChangeLog } from "./change_log.ts";
import type { NormalOptions } from "./options.ts";
import { forgetRequests } from "./requests.ts";
import type { SnapshotPool } from "./snapshots.ts";
import type { Transaction } from "./transaction.ts";
import type { WriteQueue } from "./write_queue.ts";

/** Rows deleted in one step: a few milliseconds. */
const STEP_ROWS = 1000;
/** Between two steps while there is more to do. */
const PAUSE_MS = 10;
/** So many revisions start a round before its time. */
const REVISIONS_A_ROUND = 10_000;

export class Maintenance {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;
  #closed = false;
  #lastRevision: number;

  constructor(
    private readonly queue: WriteQueue,
    private readonly log: ChangeLog,
    private readonly snapshots: SnapshotPool,
    /** Size of the write-ahead log. */
    private readonly walBytes: () => number,
    private readonly options: NormalOptions,
  ) {
    this.#lastRevision = log.revision;
    this.#schedule(options.maintenanceIntervalMs);
  }

  /** To be called after each commit. */
  committed(): void {
    if (this.log.revision - this.#lastRevision < REVISIONS_A_ROUND) return;
    this.#lastRevision = this.log.revision;
    this.#schedule(0);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** One step: true when there is more to do. */
  step(): Promise<boolean> {
    const { options, log } = this;
    return this.queue.submit({
      run(tx) {
        const compacting = compact(tx, log, options);
        const forgetting = forgetRequests(tx, tx.time - options.requestIdTtlMs, STEP_ROWS);
        return compacting || forgetting;
      },
      weight: 1,
      bytes: 0,
    });
  }

  #schedule(ms: number): void {
    if (this.#closed || this.#running) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#round(), ms);
    Deno.unrefTimer(this.#timer as unknown as number);
  }

  #guardWal(): void {
    const { log, maxWalBytes } = this.options;
    const bytes = this.walBytes();
    if (bytes <= maxWalBytes) return;
    const count = this.snapshots.expireBefore(this.log.revision);
    if (count > 0) log(`Ended ${count} lists: the write-ahead log had grown to ${bytes} bytes while they were read`);
  }

  async #round(): Promise<void> {
    this.#running = true;
    let more = false;
    try {
      this.#guardWal();
      more = await this.step();
    } catch (error) {
      // Nothing is lost: the next round tries again.
      if (!this.#closed) this.options.log("Compaction failed", error);
    }
    this.#running = false;
    this.#schedule(more ? PAUSE_MS : this.options.maintenanceIntervalMs);
  }
}

/** Deletes the oldest revisions that are too old or too many; true when there may be more. */
function compact(tx: Transaction, log: ChangeLog, options: NormalOptions): boolean {
  const oldest = tx.db.all("SELECT revision, time FROM changes ORDER BY revision LIMIT ?", STEP_ROWS) as [
    number,
    number,
  ][];
  const tooMany = tx.revision - options.compactRevisions;
  const tooOld = tx.time - options.compactAgeMs;
  let upTo = 0;
  let count = 0;
  for (const [revision, time] of oldest) {
    if (revision > tooMany && time >= tooOld) break;
    upTo = revision;
    count++;
  }
  if (count === 0) return false;
  tx.db.run("DELETE FROM changes WHERE revision <= ?", upTo);
  tx.db.run("UPDATE state SET compacted = ?", upTo);
  tx.onCommit(() => log.compactedTo(upTo));
  return count === STEP_ROWS;
}
