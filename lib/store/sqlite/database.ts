/**
 * Opens the database file so that what is committed is on disk.
 *
 * @module
 */
import { StoreOpenError } from "../errors.ts";
import { Connection } from "./connection.ts";
import { isStorageError, SQLITE, sqliteCode } from "./failure.ts";
import { migrate, MIGRATIONS, readVersion } from "./migrations.ts";

/** The file of the database in its directory. */
export const DATABASE_FILE = "steward.db";

/** A lock is only ever held by another program, such as a shell, and waiting for it blocks the thread. */
const BUSY_MS = 1000;
const WRITER_CACHE_KIB = 16 * 1024;
const READER_CACHE_KIB = 512;

/** What the write-ahead log is cut down to when it is reset after a long reader let it grow. */
const WAL_KEPT_BYTES = 64 * 1024 * 1024;

/** What the pragmas of a connection that writes must answer. FULL is 2. */
const DURABLE: readonly (readonly [pragma: string, value: string, answer: string | number])[] = [
  ["journal_mode", "WAL", "wal"],
  ["synchronous", "FULL", 2],
  ["foreign_keys", "ON", 1],
  // On macOS fsync alone leaves data in the drive's cache.
  ["fullfsync", "ON", 1],
  ["checkpoint_fullfsync", "ON", 1],
  ["journal_size_limit", `${WAL_KEPT_BYTES}`, WAL_KEPT_BYTES],
];

/** Makes the directory, readable by its owner alone. Throws StoreOpenError. */
export function prepareDirectory(directory: string): void {
  try {
    Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreOpenError("unavailable", `Cannot make the directory ${directory}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Opens the file, made when missing, at the present version. Throws StoreOpenError. */
export function openDatabase(path: string): Connection {
  createPrivately(path);
  return opening(path, (db) => {
    // Before anything that writes, so that a foreign or newer file stays as it is.
    readVersion(db, MIGRATIONS.length);
    makeDurable(db);
    migrate(db);
  });
}

/** SQLite would make the file readable by all; its log gets the mode of the file. What goes wrong SQLite will say. */
function createPrivately(path: string): void {
  try {
    Deno.openSync(path, { write: true, createNew: true, mode: 0o600 }).close();
  } catch { /* It is there, or cannot be made. */ }
}

/** Opens a file that {@linkcode openDatabase} has opened before, for writing again after a failure. */
export function reopenDatabase(path: string): Connection {
  return opening(path, makeDurable);
}

/** Opens a connection that only reads. */
export function openReader(path: string): Connection {
  return new Connection(path, { readOnly: true, busyMs: BUSY_MS, cacheKib: READER_CACHE_KIB });
}

function opening(path: string, prepare: (db: Connection) => void): Connection {
  let db: Connection | undefined;
  try {
    db = new Connection(path, { readOnly: false, busyMs: BUSY_MS, cacheKib: WRITER_CACHE_KIB });
    prepare(db);
    return db;
  } catch (error) {
    db?.close();
    throw asOpenError(path, error);
  }
}

function makeDurable(db: Connection): void {
  for (const [pragma, value, wanted] of DURABLE) {
    db.run(`PRAGMA ${pragma} = ${value}`);
    const answer = db.get(`PRAGMA ${pragma}`)?.[0];
    if (answer !== wanted) {
      throw new StoreOpenError(
        "unavailable",
        `${db.path}: the database does not take ${pragma}=${value} here (it answers ${answer}). ` +
          "Its directory must be writable and on a local file system",
      );
    }
  }
}

/** What went wrong with the file as a sentence for people. */
export function asOpenError(path: string, error: unknown): StoreOpenError {
  if (error instanceof StoreOpenError) return error;
  const cause = isStorageError(error) ? error.cause : error;
  const message = (cause as Error).message;
  switch (sqliteCode(cause)) {
    case SQLITE.NOTADB:
      return new StoreOpenError("foreign", `${path} is not a database`, { cause });
    case SQLITE.CORRUPT:
      return new StoreOpenError("corrupt", `${path} is damaged: ${message}. Restore it from a backup`, { cause });
    case SQLITE.FULL:
      return new StoreOpenError("unavailable", `Cannot open ${path}: no space is left (${message})`, { cause });
    default:
      return new StoreOpenError("unavailable", `Cannot open ${path} for writing: ${message}`, { cause });
  }
}
