/**
 * The log of changes: all of it in the database, the recent part of it in memory too.
 *
 * @module
 */
import type { WatchEvent } from "../store.ts";
import type { Change, Kind, Kinds } from "../types.ts";
import type { Connection } from "./connection.ts";

/** The bit of each kind in a revision's `kinds`. */
export const KIND_BIT = { item: 1, task: 2 } as const satisfies Record<Kind, number>;

/** One revision with all its changes. */
export interface Revision {
  readonly revision: number;
  readonly time: number;
  /** The bits of the kinds it changed. */
  readonly kinds: number;
  readonly changes: readonly Change[];
  /** Length of its JSON, which stands for its size in memory. */
  readonly bytes: number;
  /** The events that give all its changes of a kind, made when first asked for and the same for every watcher. */
  readonly events: { [K in Kind]?: ChangesEvent<K> };
}

type ChangesEvent<K extends Kind> = Extract<WatchEvent<K>, { type: "changes" }>;

/** The changes of one kind in a revision for which `where` holds before or after; null if there are none. */
export function eventOf<K extends Kind>(
  revision: Revision,
  kind: K,
  where: ((thing: Kinds[K]) => boolean) | undefined,
): WatchEvent<K> | null {
  if ((revision.kinds & KIND_BIT[kind]) === 0) return null;
  const shared = revision.events as { [key in K]?: ChangesEvent<K> };
  const all = shared[kind] ??= newEvent(
    revision,
    revision.changes.filter((change): change is Change<K> => change.kind === kind),
  );
  if (where === undefined) return all;
  const matching = all.changes.filter(({ before, after }) =>
    (after !== null && where(after)) || (before !== null && where(before))
  );
  if (matching.length === all.changes.length) return all;
  return matching.length === 0 ? null : newEvent(revision, matching);
}

function newEvent<K extends Kind>({ revision }: Revision, changes: readonly Change<K>[]): ChangesEvent<K> {
  return { type: "changes", revision, changes };
}

type LoggedChange = Pick<Change, "kind" | "type" | "key" | "before" | "after">;

/** Writes a revision into the log. */
export function appendRevision(db: Connection, revision: number, time: number, changes: readonly Change[]): Revision {
  let kinds = 0;
  const logged: LoggedChange[] = [];
  for (const { kind, type, key, before, after } of changes) {
    kinds |= KIND_BIT[kind];
    logged.push({ kind, type, key, before, after });
  }
  const json = JSON.stringify(logged);
  db.run("INSERT INTO changes (revision, time, kinds, changes) VALUES (?, ?, ?, ?)", revision, time, kinds, json);
  return { revision, time, kinds, changes, bytes: json.length, events: {} };
}

/**
 * Reads revisions from the log and keeps the recent ones.
 *
 * The recent ones are contiguous and end with {@linkcode revision}. They are what most watchers need, and each of
 * those gets the same Change objects.
 */
export class ChangeLog {
  #revision: number;
  #compacted: number;
  /** Revisions from `#first` on; those before index `#head` are gone and wait to be cut off. */
  #recent: Revision[] = [];
  #head = 0;
  #bytes = 0;

  constructor(private readonly db: Connection, private readonly maxRecentBytes: number) {
    const [revision, compacted] = db.get("SELECT revision, compacted FROM state") as [number, number];
    this.#revision = revision;
    this.#compacted = compacted;
    // Watchers that come back after a restart are mostly near.
    this.#keep(this.#read(this.#startOfRecent(), revision));
  }

  /** The last committed revision. */
  get revision(): number {
    return this.#revision;
  }

  /** Everything up to this revision was compacted away. */
  get compacted(): number {
    return this.#compacted;
  }

  /** Takes the revisions of a commit. */
  committed(revisions: readonly Revision[]): void {
    const last = revisions[revisions.length - 1];
    if (last === undefined) return;
    this.#revision = last.revision;
    this.#keep(revisions);
  }

  /** Notes that the log was compacted up to a revision. */
  compactedTo(revision: number): void {
    this.#compacted = revision;
  }

  /**
   * The revisions after `position`, at most `limit`, in order and without a hole. Empty only at the end. Those that have
   * to be read from the database end with the one that makes them `bytes` long, so that a reader who takes no more at a
   * time has nothing read twice. The position is not below {@linkcode compacted}.
   */
  after(position: number, limit: number, bytes: number): readonly Revision[] {
    if (position >= this.#revision) return [];
    const length = this.#recent.length - this.#head;
    const start = position - (this.#revision - length);
    if (start < 0) return this.#read(position, this.#endOfPart(position, limit, bytes));
    return this.#recent.slice(this.#head + start, this.#head + start + limit);
  }

  /** Whether the revisions after `position` are in memory. */
  isRecent(position: number): boolean {
    return position >= this.#revision - (this.#recent.length - this.#head);
  }

  /** The revision with which a part of the log is `bytes` long, or the last of `limit`. Lengths are read without texts. */
  #endOfPart(position: number, limit: number, bytes: number): number {
    let end = position;
    for (const [revision, length] of this.#lengths("revision > ? ORDER BY revision", position, limit)) {
      end = revision;
      bytes -= length;
      if (bytes <= 0) break;
    }
    return end;
  }

  /** The revision after which the last ones fit into memory. */
  #startOfRecent(): number {
    let start = this.#revision;
    let room = this.maxRecentBytes;
    for (const [revision, length] of this.#lengths("revision <= ? ORDER BY revision DESC", start, 1000)) {
      room -= length;
      if (room < 0) break;
      start = revision - 1;
    }
    return start;
  }

  #lengths(where: string, revision: number, limit: number): readonly [revision: number, length: number][] {
    const sql = `SELECT revision, octet_length(changes) FROM changes WHERE ${where} LIMIT ?`;
    return this.db.all(sql, revision, limit) as unknown as [number, number][];
  }

  #read(after: number, upTo: number): Revision[] {
    const rows = this.db.all(
      "SELECT revision, time, kinds, changes FROM changes WHERE revision > ? AND revision <= ? ORDER BY revision",
      after,
      upTo,
    ) as unknown as [number, number, number, string][];
    return rows.map(([revision, time, kinds, json]) => {
      const changes = (JSON.parse(json) as LoggedChange[]).map((change) => ({ revision, time, ...change }) as Change);
      return { revision, time, kinds, changes, bytes: json.length, events: {} };
    });
  }

  #keep(revisions: readonly Revision[]): void {
    for (const revision of revisions) {
      this.#recent.push(revision);
      this.#bytes += revision.bytes;
    }
    while (this.#bytes > this.maxRecentBytes && this.#head < this.#recent.length) {
      this.#bytes -= this.#recent[this.#head++]!.bytes;
    }
    if (this.#head * 2 > this.#recent.length) {
      this.#recent = this.#recent.slice(this.#head);
      this.#head = 0;
    }
  }
}
