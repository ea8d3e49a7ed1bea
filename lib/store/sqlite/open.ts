/**
 * The store on SQLite: one directory, one process, one file.
 *
 * @module
 */
import type { Store, StoreStatus, WatchEvent, WatchOptions } from "../store.ts";
import type { Kind } from "../types.ts";
import { ChangeLog } from "./change_log.ts";
import type { Connection } from "./connection.ts";
import type { Core } from "./core.ts";
import { asOpenError, DATABASE_FILE, openDatabase, openReader, prepareDirectory } from "./database.ts";
import { Health, isStorageError } from "./failure.ts";
import { itemTable } from "./item_rows.ts";
import { SqliteItems } from "./items.ts";
import { type DirectoryLock, lockDirectory } from "./lock.ts";
import { Maintenance } from "./maintenance.ts";
import { normaliseOptions, type NormalOptions, type StoreOptions } from "./options.ts";
import { Probe } from "./probe.ts";
import { SnapshotPool } from "./snapshots.ts";
import { TASK_TABLE } from "./task_rows.ts";
import { SqliteTasks } from "./tasks.ts";
import { WatchHub } from "./watch.ts";
import { WriteQueue } from "./write_queue.ts";

/**
 * Opens the store in a directory, which is made when missing. Throws StoreOpenError: in use by another server, written
 * by a newer one, not Steward's, damaged, or not usable. RangeError for a limit that is no whole number above zero.
 */
// deno-lint-ignore require-await -- so that a failure is a rejection
export async function openStore(options: StoreOptions): Promise<Store> {
  const normal = normaliseOptions(options);
  prepareDirectory(normal.directory);
  const path = `${normal.directory}/${DATABASE_FILE}`;
  const lock = lockDirectory(normal.directory);
  let db: Connection | undefined;
  try {
    db = openDatabase(path);
    return new SqliteStore(normal, lock, db);
  } catch (error) {
    db?.close();
    lock.release();
    throw isStorageError(error) ? asOpenError(path, error) : error;
  }
}

class SqliteStore implements Store {
  readonly items: SqliteItems;
  readonly tasks: SqliteTasks;
  readonly #log: ChangeLog;
  readonly #health: Health;
  readonly #queue: WriteQueue;
  readonly #snapshots: SnapshotPool;
  readonly #watchers: WatchHub;
  readonly #maintenance: Maintenance;
  readonly #probe: Probe;
  #closing: Promise<void> | null = null;

  constructor(options: NormalOptions, private readonly lock: DirectoryLock, private readonly db: Connection) {
    const log = this.#log = new ChangeLog(db, options.recentChangesBytes);
    this.#health = new Health(options.log);
    this.#snapshots = new SnapshotPool({ ...options, open: () => openReader(db.path) });
    const scanSource = { db, snapshots: this.#snapshots, revision: () => log.revision };
    this.#watchers = new WatchHub({
      log,
      scanSource,
      tables: { item: itemTable(""), task: TASK_TABLE },
      maxWatchers: options.maxWatchers,
    });
    this.#queue = new WriteQueue(db, this.#health, {
      ...options,
      revision: () => log.revision,
      committed: (tx) => {
        log.committed(tx.revisions);
        if (tx.revisions.length > 0) this.#watchers.committed();
        this.#maintenance.committed();
      },
    });
    this.#maintenance = new Maintenance(this.#queue, log, this.#snapshots, () => fileSize(`${db.path}-wal`), options);
    this.#probe = new Probe(db, this.#health, options.probeIntervalMs);
    const core: Core = { ...options, db, queue: this.#queue, log, snapshots: this.#snapshots, scanSource };
    this.items = new SqliteItems(core);
    this.tasks = new SqliteTasks(core);
  }

  // deno-lint-ignore require-await -- so that a failure is a rejection
  async watch<K extends Kind>(options: WatchOptions<K>): Promise<AsyncIterable<readonly WatchEvent<K>[]>> {
    return this.#watchers.watch(options);
  }

  status(): StoreStatus {
    return {
      revision: this.#log.revision,
      oldestRevision: this.#log.compacted,
      queued: this.#queue.length,
      watchers: this.#watchers.size,
      snapshots: this.#snapshots.size,
      failure: this.#health.failure,
    };
  }

  onHealth(listener: (failure: string | null) => void): () => void {
    return this.#health.listen(listener);
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#maintenance.close();
    await this.#queue.close();
    this.#probe.close();
    this.#watchers.close();
    this.#snapshots.close();
    try {
      this.db.run("PRAGMA optimize");
      this.db.get("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      // What is committed is in the write-ahead log; the next start reads it from there.
    }
    this.db.close();
    this.lock.release();
  }
}

function fileSize(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
