/**
 * Which errors of SQLite are the storage's, and whether writing works at the moment.
 *
 * @module
 */
import { StoreError } from "../errors.ts";

/** Primary result codes, https://sqlite.org/rescode.html. */
export const SQLITE = {
  PERM: 3,
  BUSY: 5,
  LOCKED: 6,
  NOMEM: 7,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  PROTOCOL: 15,
  NOTADB: 26,
} as const;

const UNAVAILABLE: ReadonlySet<number> = new Set(Object.values(SQLITE));

/** The primary result code of an error from SQLite, else undefined. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

/** The storage's failure behind an error from SQLite as a {@linkcode StoreError}; any other error as it is. */
export function asStorageError(error: unknown): unknown {
  const code = sqliteCode(error);
  if (code === undefined || !UNAVAILABLE.has(code)) return error;
  const detail = (error as Error).message;
  if (code === SQLITE.FULL) return new StoreError("STORAGE_FULL", { detail }, { cause: error });
  return new StoreError("STORAGE_UNAVAILABLE", { detail }, { cause: error });
}

export type StorageError = StoreError<"STORAGE_FULL"> | StoreError<"STORAGE_UNAVAILABLE">;

export function isStorageError(error: unknown): error is StorageError {
  return error instanceof StoreError && (error.reason === "STORAGE_FULL" || error.reason === "STORAGE_UNAVAILABLE");
}

/** Whether writes succeed, and who wants to know. */
export class Health {
  #failure: string | null = null;
  readonly #listeners = new Set<(failure: string | null) => void>();

  constructor(private readonly log: (message: string, error?: unknown) => void) {}

  /** Why writes do not succeed, or null. */
  get failure(): string | null {
    return this.#failure;
  }

  /** A write failed in the storage. */
  failed(error: StorageError): void {
    const what = error.reason === "STORAGE_FULL" ? "no space is left" : "the files cannot be written";
    this.#set(`Writing the database failed, ${what}: ${error.facts.detail}`, error);
  }

  /** A write succeeded. */
  succeeded(): void {
    if (this.#failure !== null) this.#set(null);
  }

  listen(listener: (failure: string | null) => void): () => void {
    // A function of its own for each call, so that a listener given twice is told twice and stops singly.
    const entry = (failure: string | null) => listener(failure);
    this.#listeners.add(entry);
    this.#tell(entry);
    return () => void this.#listeners.delete(entry);
  }

  #set(failure: string | null, error?: unknown): void {
    if (failure === this.#failure) return;
    this.#failure = failure;
    this.log(failure ?? "Writing the database succeeds again", error);
    for (const listener of [...this.#listeners]) this.#tell(listener);
  }

  #tell(listener: (failure: string | null) => void): void {
    try {
      listener(this.#failure);
    } catch (error) {
      this.log("A listener for the store's health failed", error);
    }
  }
}
