/**
 * One server a directory: a lock on a file that the kernel lets go when the process ends, however it ends.
 *
 * @module
 */
import { StoreOpenError } from "../errors.ts";

export const LOCK_FILE = "steward.lock";

export interface DirectoryLock {
  release(): void;
}

/** Throws StoreOpenError, with the process that has the directory when it is taken. */
export function lockDirectory(directory: string): DirectoryLock {
  const path = lockPath(directory);
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 });
  } catch (error) {
    throw new StoreOpenError("unavailable", `Cannot open ${path}: ${(error as Error).message}`, { cause: error });
  }
  try {
    if (!file.tryLockSync(true)) {
      throw inUse(directory, readHolder(file));
    }
    file.truncateSync(0);
    file.seekSync(0, Deno.SeekMode.Start);
    file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
  } catch (error) {
    file.close();
    if (error instanceof StoreOpenError) throw error;
    throw new StoreOpenError("unavailable", `Cannot lock ${path}: ${(error as Error).message}`, { cause: error });
  }
  return {
    release() {
      // The file stays: removing it would let two servers lock two files of the same name.
      file.close();
    },
  };
}

/** The process that has the directory, as far as its lock names it; null when none has. Changes nothing. */
export function directoryHolder(directory: string): string | null {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(lockPath(directory));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
    throw new StoreOpenError("unavailable", `Cannot open ${lockPath(directory)}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  try {
    return file.tryLockSync(false) ? null : readHolder(file);
  } finally {
    file.close();
  }
}

/** Does something that no server may start during, unless one has the directory. The lock file is not made for it. */
export function whileFree(directory: string, work: () => void): void {
  let file: Deno.FsFile | undefined;
  try {
    file = Deno.openSync(lockPath(directory));
    if (file.tryLockSync(true)) work();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    work();
  } finally {
    file?.close();
  }
}

function inUse(directory: string, holder: string): StoreOpenError {
  return new StoreOpenError(
    "in_use",
    `${directory} is in use by another server${holder === "" ? "" : ` (process ${holder})`}`,
  );
}

function lockPath(directory: string): string {
  return `${directory}/${LOCK_FILE}`;
}

function readHolder(file: Deno.FsFile): string {
  const bytes = new Uint8Array(32);
  const length = file.readSync(bytes) ?? 0;
  return new TextDecoder().decode(bytes.subarray(0, length)).trim();
}
