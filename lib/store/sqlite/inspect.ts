/**
 * Looks at a database without changing it: what it holds, and whether it holds together.
 *
 * @module
 */
import { dirname } from "node:path";
import { StoreOpenError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { asOpenError, DATABASE_FILE, openReader } from "./database.ts";
import { SQLITE, sqliteCode } from "./failure.ts";
import { directoryHolder, whileFree } from "./lock.ts";
import { MIGRATIONS, readVersion } from "./migrations.ts";

/** What a database holds, in one of its states. */
export interface Inspection {
  /** How many migrations it has seen. */
  readonly version: number;
  readonly revision: number;
  /** The lowest revision that a watch can resume from. */
  readonly oldestRevision: number;
  readonly items: number;
  readonly tasks: number;
  /** Lines of the ledger. */
  readonly movements: number;
  /** What does not hold together, a sentence each; none when all is well. */
  readonly problems: readonly string[];
}

/** A data directory as it was found. */
export interface Surroundings {
  readonly path: string;
  /** The process of the server that has the directory, perhaps empty; null when none has. */
  readonly server: string | null;
  /** Null when there is no database yet. */
  readonly database: (Inspection & { readonly bytes: number }) | null;
  /** The version that this program brings a database to. */
  readonly currentVersion: number;
}

const MAX_PROBLEMS = 10;

/**
 * Looks into a data directory, also while a server has it, and changes nothing there.
 *
 * @throws StoreOpenError when what is there cannot be read or is not a database of this Steward or an older one.
 */
export async function inspectStore(directory: string): Promise<Surroundings> {
  const path = `${directory}/${DATABASE_FILE}`;
  const server = directoryHolder(directory);
  const found = { path, server, currentVersion: MIGRATIONS.length };
  if (sizeOf(path) === null) return { ...found, database: null };
  const inspection = await reading(path, inspectDatabase);
  return { ...found, database: { ...inspection, bytes: sizeOf(path) ?? 0 } };
}

/** Looks at all of a database. A transaction that is open stays open; else all is read in one. */
export function inspectDatabase(db: Connection): Inspection {
  const own = !db.inTransaction;
  if (own) db.run("BEGIN");
  try {
    const version = readVersion(db, MIGRATIONS.length);
    if (version === 0) throw new StoreOpenError("foreign", `${db.path} is empty, not a database of Steward`);
    const [revision, oldestRevision] = db.get("SELECT revision, compacted FROM state") as [number, number];
    const count = (table: string) => db.get(`SELECT count(*) FROM ${table}`)![0] as number;
    return {
      version,
      revision,
      oldestRevision,
      items: count("items"),
      tasks: count("tasks"),
      movements: count("movements"),
      problems: [...brokenPages(db), ...brokenLedger(db), ...brokenLog(db, revision, oldestRevision)],
    };
  } finally {
    if (own) db.rollback();
  }
}

/** Reads a database, which a server may have, and leaves no files beside it that were not there. */
export async function reading<T>(path: string, use: (db: Connection) => T | Promise<T>): Promise<T> {
  const added = [`${path}-wal`, `${path}-shm`].filter((name) => sizeOf(name) === null);
  try {
    return await opened(path, use);
  } finally {
    // SQLite makes an empty log and its index to read a database that had a log, and a reader does not remove them.
    tidy(path, added);
  }
}

function tidy(path: string, added: readonly string[]): void {
  try {
    whileFree(dirname(path), () => {
      if (!sizeOf(`${path}-wal`)) { for (const name of added) if (sizeOf(name) !== null) Deno.removeSync(name); }
    });
  } catch {
    // They are empty, and the next server uses them.
  }
}

async function opened<T>(path: string, use: (db: Connection) => T | Promise<T>): Promise<T> {
  let db: Connection | undefined;
  try {
    if (sizeOf(path) === null) throw new StoreOpenError("unavailable", `${path} is not there`);
    db = openReader(path);
    return await use(db);
  } catch (error) {
    throw asReadError(path, error);
  } finally {
    db?.close();
  }
}

function asReadError(path: string, error: unknown): unknown {
  if (error instanceof StoreOpenError) return error;
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = sqliteCode(cause);
  if (code === undefined) return error;
  if (code === SQLITE.NOTADB || code === SQLITE.CORRUPT) return asOpenError(path, cause);
  return new StoreOpenError("unavailable", `Cannot read ${path}: ${(cause as Error).message}`, { cause });
}

/** In bytes; null when there is no such file. */
export function sizeOf(path: string): number | null {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
    throw new StoreOpenError("unavailable", `Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function brokenPages(db: Connection): string[] {
  const rows = db.all(`PRAGMA integrity_check(${MAX_PROBLEMS})`).map(([text]) => String(text));
  return rows.length === 1 && rows[0] === "ok" ? [] : rows.map((text) => `integrity_check: ${text}`);
}

/** Items whose quantity is not the sum of their movements. */
function brokenLedger(db: Connection): string[] {
  return db.all(
    "SELECT name, quantity, ifnull(moved, 0) FROM items " +
      "LEFT JOIN (SELECT item, sum(delta) AS moved FROM movements GROUP BY item) ON item = name " +
      "WHERE quantity != ifnull(moved, 0) LIMIT ?",
    MAX_PROBLEMS,
  ).map(([name, quantity, moved]) => `item '${name}' has ${quantity} pieces, its movements add up to ${moved}`);
}

/** The log has every revision after the compacted ones, once, and nothing is ahead of the last. */
function brokenLog(db: Connection, revision: number, compacted: number): string[] {
  const [low, high, rows] = db.get("SELECT min(revision), max(revision), count(*) FROM changes") as [
    number | null,
    number | null,
    number,
  ];
  const whole = rows === revision - compacted && (rows === 0 || (low === compacted + 1 && high === revision));
  return whole
    ? []
    : [`the log has ${rows} revisions from ${low} to ${high}, not each from ${compacted + 1} to ${revision}`];
}
