/**
 * Watching changes. A watcher is a position in the log, not a queue: the state it needs does not grow however slow its
 * reader is, and every watcher reads the same objects.
 *
 * A watcher is in one of these states:
 * - snapshot: it gives what existed at revision R, read from one state of the database; then it says R and reads on from R.
 * - reading: position < revision of the store. It reads on at the reader's pace, from memory when it is near, else from the log.
 * - waiting: position = revision of the store, and the reader waits in next(). A commit moves it on in that very turn:
 *   past the revisions that it does not want it stays waiting, else it is given what it wants.
 * - ended: returned, aborted, failed or closed. It holds nothing.
 *
 * Invariants. Everything wanted up to the position was given, in order, once; nothing beyond it was. The position moves
 * by whole revisions. Only a watcher at the end of the log waits, so a commit need not look at any other.
 *
 * For example, store at revision 7, a watcher of tasks since 4; 5 and 8 changed tasks, 6, 7 and 9 items only:
 * ```text
 * next()    position 4  reading  gives [5], position 7
 * next()    position 7  waiting
 * commit 8,9            waiting  resolves with [8], position 9
 * commit 10 (an item)   not waiting, not looked at
 * next()    position 9  reading  10 is not wanted, position 10, waiting
 * ```
 *
 * @module
 */
import { StoreError } from "../errors.ts";
import type { WatchEvent, WatchOptions } from "../store.ts";
import type { Kind, Kinds } from "../types.ts";
import { type ChangeLog, eventOf } from "./change_log.ts";
import { ioTurn } from "./event_loop.ts";
import { Scan, type ScanSource, type Table } from "./scan.ts";

/** What next() gives at most: so many events, and no more once they are of so many bytes. */
const BATCH_EVENTS = 256;
const BATCH_BYTES = 256 * 1024;
/** Revisions looked at before the event loop gets its turn. */
const READ_REVISIONS = 256;

export interface WatchHubOptions {
  readonly log: ChangeLog;
  readonly scanSource: ScanSource;
  readonly tables: { readonly [K in Kind]: Table<Kinds[K]> };
  readonly maxWatchers: number;
}

/** All watchers of a store. */
export class WatchHub {
  readonly #watchers = new Set<Ending>();
  #waiting = new Set<Waiting>();
  #closed = false;

  constructor(readonly options: WatchHubOptions) {}

  get size(): number {
    return this.#watchers.size;
  }

  /** See {@linkcode Store.watch}. */
  watch<K extends Kind>(options: WatchOptions<K>): AsyncIterable<readonly WatchEvent<K>[]> {
    const { log, maxWatchers } = this.options;
    if (this.#closed) throw new StoreError("STORE_CLOSED", {});
    options.signal.throwIfAborted();
    if (this.#watchers.size >= maxWatchers) throw new StoreError("TOO_MANY_WATCHERS", { limit: maxWatchers });
    if (options.snapshot && options.since !== undefined) throw new RangeError("snapshot and since exclude each other");
    const since = options.since ?? log.revision;
    if (since > log.revision) {
      throw new StoreError("REVISION_AHEAD", { revision: since, current: log.revision });
    }
    if (since < log.compacted) {
      throw new StoreError("REVISION_COMPACTED", { revision: since, oldest: log.compacted });
    }
    const watcher = new Watcher(this, options, since);
    this.#watchers.add(watcher);
    return watcher;
  }

  /** Tells the waiting watchers of a commit. */
  committed(): void {
    if (this.#waiting.size === 0) return;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const watcher of waiting) {
      if (!watcher.advance()) this.#waiting.add(watcher);
    }
  }

  /** Ends every watch. */
  close(): void {
    this.#closed = true;
    for (const watcher of [...this.#watchers]) watcher.end(new StoreError("STORE_CLOSED", {}));
  }

  wait(watcher: Waiting): void {
    this.#waiting.add(watcher);
  }

  /** The watcher waits no more. */
  rest(watcher: Waiting): void {
    this.#waiting.delete(watcher);
  }

  forget(watcher: Ending & Waiting): void {
    this.#watchers.delete(watcher);
    this.#waiting.delete(watcher);
  }
}

interface Ending {
  end(reason: unknown): void;
}

interface Waiting {
  /** Looks at what was committed; false to go on waiting. */
  advance(): boolean;
}

type Batch<K extends Kind> = readonly WatchEvent<K>[];
type Step<K extends Kind> = IteratorResult<Batch<K>, undefined>;

const DONE = { done: true, value: undefined } as const;

class Watcher<K extends Kind> implements AsyncIterableIterator<Batch<K>>, Ending, Waiting {
  #position: number;
  #scan: Scan<Kinds[K]> | null = null;
  #wait: PromiseWithResolvers<Batch<K>> | null = null;
  /** Why it ended, until the reader was told. */
  #reason: { readonly error: unknown } | null = null;
  #ended = false;
  /** When something was given last, on the clock of performance.now(). */
  #givenAt = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #abort: () => void;

  constructor(private readonly hub: WatchHub, private readonly options: WatchOptions<K>, since: number) {
    this.#position = since;
    if (options.snapshot) {
      const table: Table<Kinds[K]> = hub.options.tables[options.kind];
      this.#scan = new Scan(hub.options.scanSource, table, options.where, options.signal);
    }
    this.#abort = () => this.end(options.signal.reason);
    options.signal.addEventListener("abort", this.#abort, { once: true });
  }

  async next(): Promise<Step<K>> {
    try {
      const value = await this.#next();
      if (value === null) return DONE;
      this.#givenAt = performance.now();
      return { done: false, value };
    } catch (error) {
      this.#finish();
      this.#reason = null;
      throw error;
    }
  }

  return(): Promise<Step<K>> {
    this.#finish();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  end(reason: unknown): void {
    if (this.#ended) return;
    const wait = this.#wait;
    this.#finish();
    if (wait === null) this.#reason = { error: reason };
    else wait.reject(reason);
  }

  advance(): boolean {
    if (this.#wait === null) return true;
    try {
      const events = this.#read();
      if (events.length === 0 && this.#position === this.hub.options.log.revision) return false;
      // Empty when a long commit was looked at in part only: next() reads on.
      this.#resume(events);
    } catch (error) {
      // The caller's `where` failed. That is the watcher's failure, not the commit's.
      this.end(error);
    }
    return true;
  }

  /** What comes next; null at the end. */
  async #next(): Promise<Batch<K> | null> {
    const { log } = this.hub.options;
    for (;;) {
      if (this.#reason !== null) throw this.#reason.error;
      if (this.#ended) return null;
      if (this.#scan !== null) return await this.#nextOfSnapshot(this.#scan);
      if (!log.isRecent(this.#position)) {
        await ioTurn();
        if (this.#ended) continue;
      }
      let events: Batch<K> = this.#read();
      if (events.length === 0 && this.#position === log.revision) events = await this.#waitForCommit();
      if (events.length > 0) return events;
      await ioTurn();
    }
  }

  async #nextOfSnapshot(scan: Scan<Kinds[K]>): Promise<Batch<K> | null> {
    const { value } = await scan.next();
    if (this.#reason !== null) throw this.#reason.error;
    if (this.#ended) return null;
    if (value !== undefined) return [{ type: "snapshot", entries: value }];
    this.#scan = null;
    this.#position = scan.revision;
    return [{ type: "progress", revision: scan.revision }];
  }

  /** Moves on in the log and gives what is wanted. REVISION_COMPACTED. */
  #read(): WatchEvent<K>[] {
    const { log } = this.hub.options;
    if (this.#position < log.compacted) {
      throw new StoreError("REVISION_COMPACTED", { revision: this.#position, oldest: log.compacted });
    }
    const events: WatchEvent<K>[] = [];
    let bytes = 0;
    for (const revision of log.after(this.#position, READ_REVISIONS, BATCH_BYTES)) {
      const event = eventOf(revision, this.options.kind, this.options.where);
      this.#position = revision.revision;
      if (event === null) continue;
      events.push(event);
      bytes += revision.bytes;
      if (events.length >= BATCH_EVENTS || bytes >= BATCH_BYTES) break;
    }
    return events;
  }

  #waitForCommit(): Promise<Batch<K>> {
    this.#wait = Promise.withResolvers();
    this.hub.wait(this);
    this.#arm();
    return this.#wait.promise;
  }

  #resume(events: Batch<K>): void {
    const wait = this.#wait;
    this.#wait = null;
    wait?.resolve(events);
  }

  /** One timer runs on through many waits: setting one for each would cost more than the events. */
  #arm(): void {
    const { progressMs } = this.options;
    if (progressMs === undefined || this.#timer !== undefined) return;
    const silence = performance.now() - this.#givenAt;
    this.#timer = setTimeout(() => this.#onSilence(progressMs), Math.max(progressMs - silence, 0));
  }

  #onSilence(progressMs: number): void {
    this.#timer = undefined;
    if (this.#wait === null) return;
    if (performance.now() - this.#givenAt < progressMs) return this.#arm();
    this.hub.rest(this);
    this.#resume([{ type: "progress", revision: this.#position }]);
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wait = null;
    this.hub.forget(this);
    clearTimeout(this.#timer);
    this.options.signal.removeEventListener("abort", this.#abort);
    void this.#scan?.return();
    this.#scan = null;
  }
}
