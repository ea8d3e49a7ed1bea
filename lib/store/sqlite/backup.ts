/**
 * Copies of a whole database: taken while a server writes it, and put back.
 *
 * A copy is written beside its place under another name, verified, forced to the disk and renamed: what stands under the
 * name is whole, or as it was before.
 *
 * @module
 */
import { dirname } from "node:path";
import { CopyError, StoreOpenError } from "../errors.ts";
import { Connection } from "./connection.ts";
import { asOpenError, DATABASE_FILE, prepareDirectory } from "./database.ts";
import { isStorageError, SQLITE, sqliteCode } from "./failure.ts";
import { inspectDatabase, type Inspection, reading, sizeOf } from "./inspect.ts";
import { directoryHolder, LOCK_FILE, lockDirectory } from "./lock.ts";

/** A copy that was made and verified. */
export interface Copy extends Inspection {
  readonly file: string;
  readonly bytes: number;
}

/** Follows the name of a copy until it is whole. One that was cut off is written over by the next. */
const PARTIAL = ".partial";
const BUSY_MS = 1000;
const CACHE_KIB = 16 * 1024;

/**
 * Copies the last committed state of a data directory into a file, for its owner alone. A server may go on writing.
 *
 * @throws StoreOpenError for the database, CopyError for the file.
 */
export function backupDatabase(
  { directory, file, overwrite }: { readonly directory: string; readonly file: string; readonly overwrite: boolean },
): Promise<Copy> {
  const path = `${directory}/${DATABASE_FILE}`;
  return reading(path, (source) => {
    refuseTarget(path, file, overwrite);
    return copyInto(source, file, overwrite);
  });
}

/**
 * Puts a backup into a data directory that is empty or not there yet.
 *
 * @throws StoreOpenError for the backup and for a directory that a server has, CopyError for any other.
 */
export function restoreDatabase(
  { file, directory }: { readonly file: string; readonly directory: string },
): Promise<Copy> {
  return reading(file, async (source) => {
    refuseProblems(inspectDatabase(source), file);
    refuseDirectory(directory);
    prepareDirectory(directory);
    const lock = lockDirectory(directory);
    try {
      refuseDirectory(directory, { locked: true });
      return await copyInto(source, `${directory}/${DATABASE_FILE}`, false);
    } finally {
      lock.release();
    }
  });
}

async function copyInto(source: Connection, file: string, overwrite: boolean): Promise<Copy> {
  const partial = file + PARTIAL;
  const claim = claimFile(partial);
  try {
    try {
      source.run("BEGIN");
      // The first read fixes the state that is copied.
      source.get("SELECT revision FROM state");
      await source.copyTo(partial);
    } finally {
      source.rollback();
    }
    const inspection = finish(partial);
    refuseProblems(inspection, source.path);
    claim.syncSync();
    const { size } = claim.statSync();
    if (!overwrite && sizeOf(file) !== null) throw exists(file);
    Deno.renameSync(partial, file);
    syncDirectory(dirname(file));
    return { ...inspection, file, bytes: size };
  } catch (error) {
    for (const path of [partial, `${partial}-journal`]) removeQuietly(path);
    throw asCopyError(error, source.path, file);
  } finally {
    claim.close();
  }
}

function asCopyError(error: unknown, source: string, file: string): Error {
  if (error instanceof CopyError || error instanceof StoreOpenError) return error;
  const cause = isStorageError(error) ? error.cause : error;
  const code = sqliteCode(cause);
  // A copy of damaged pages is damaged too.
  if (code === SQLITE.CORRUPT || code === SQLITE.NOTADB) return asOpenError(source, cause);
  return new CopyError(`Cannot write ${file}: ${(cause as Error).message}`, { cause });
}

/** Makes the copy one file that needs no log beside it, and looks at all of it. */
function finish(path: string): Inspection {
  const copy = new Connection(path, { readOnly: false, busyMs: BUSY_MS, cacheKib: CACHE_KIB });
  try {
    const mode = copy.get("PRAGMA journal_mode = DELETE")?.[0];
    if (mode !== "delete") throw new CopyError(`${path} does not take journal_mode=DELETE (it answers ${mode})`);
    return inspectDatabase(copy);
  } finally {
    copy.close();
  }
}

/** Makes the file, empty and for its owner alone, or takes over one that was left, so that nobody else writes it. */
function claimFile(path: string): Deno.FsFile {
  let file: Deno.FsFile | undefined;
  try {
    file = Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 });
    // Whoever had it may have given it its name in between; then it is another file than the one of this name.
    const mine = file.tryLockSync(true) && file.statSync().ino === Deno.statSync(path).ino;
    if (!mine) throw new CopyError(`${path} is being written by another process`);
    file.truncateSync(0);
    removeQuietly(`${path}-journal`);
    return file;
  } catch (error) {
    file?.close();
    if (error instanceof CopyError) throw error;
    throw new CopyError(`Cannot write ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function refuseTarget(source: string, file: string, overwrite: boolean): void {
  let found: Deno.FileInfo | null;
  try {
    found = Deno.statSync(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      throw new CopyError(`Cannot write ${file}: ${(error as Error).message}`, { cause: error });
    }
    found = null;
  }
  if (found?.isDirectory) throw new CopyError(`${file} is a directory. Name the file to write`);
  const { dev, ino } = Deno.statSync(source);
  if (found !== null && found.dev === dev && found.ino === ino) {
    throw new CopyError(`${file} is the database itself`);
  }
  if (found !== null && !overwrite) throw exists(file);
  for (const suffix of ["-wal", "-journal"]) {
    if (sizeOf(file + suffix)) {
      throw new CopyError(`${file}${suffix} is there: it belongs to another database, and would be read into the copy`);
    }
  }
}

function exists(file: string): CopyError {
  return new CopyError(`${file} is there already. Name another file, or give --force to replace it`);
}

function refuseDirectory(directory: string, { locked = false } = {}): void {
  const holder = locked ? null : directoryHolder(directory);
  if (holder !== null) {
    const process = holder === "" ? "" : ` (process ${holder})`;
    throw new StoreOpenError("in_use", `${directory} is in use by a server${process}. Stop it, or name another --data`);
  }
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(directory)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw new CopyError(`${directory} cannot be used as a directory: ${(error as Error).message}`, { cause: error });
  }
  // What a stopped server and a restore that was cut off leave.
  const left = new Set([LOCK_FILE, DATABASE_FILE + PARTIAL, `${DATABASE_FILE}${PARTIAL}-journal`]);
  const found = entries.find(({ name }) => !left.has(name));
  if (found !== undefined) {
    throw new CopyError(`${directory} is not empty (${found.name}). Move what is there away, or name another --data`);
  }
}

function refuseProblems({ problems }: Inspection, path: string): void {
  if (problems.length === 0) return;
  throw new StoreOpenError("corrupt", [`${path} is damaged:`, ...problems].join("\n  "));
}

/** Makes the new name last. Windows keeps names by itself. */
function syncDirectory(path: string): void {
  if (Deno.build.os === "windows") return;
  const directory = Deno.openSync(path);
  try {
    directory.syncSync();
  } finally {
    directory.close();
  }
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It is not there, or its directory has gone.
  }
}
