/**
 * Tries to write while writing fails, so that the store is back as soon as its storage is.
 *
 * @module
 */
import type { Connection } from "./connection.ts";
import { reopenDatabase } from "./database.ts";
import { type Health, isStorageError } from "./failure.ts";

/** About what a small commit needs; a probe of a few bytes would succeed where the next write fails again. */
const PROBE_BYTES = 64 * 1024;

export class Probe {
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #stop: () => void;

  constructor(
    private readonly db: Connection,
    private readonly health: Health,
    private readonly intervalMs: number,
  ) {
    this.#stop = health.listen((failure) => failure === null ? this.#rest() : this.#schedule());
  }

  close(): void {
    this.#stop();
    this.#rest();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    // Not put off by writes that fail in between, each perhaps for another reason.
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#run(), this.intervalMs);
    Deno.unrefTimer(this.#timer as unknown as number);
  }

  #run(): void {
    this.#timer = undefined;
    try {
      try {
        write(this.db);
      } catch (error) {
        // A full disk leaves the connection sound. After anything else the files may have to be opened again.
        if (isStorageError(error) && error.reason === "STORAGE_FULL") throw error;
        this.#reopen();
      }
      this.health.succeeded();
    } catch (error) {
      if (isStorageError(error)) this.health.failed(error);
    }
    if (this.health.failure !== null) this.#schedule();
  }

  #reopen(): void {
    const fresh = reopenDatabase(this.db.path);
    try {
      write(fresh);
    } catch (error) {
      fresh.close();
      throw error;
    }
    this.db.adopt(fresh);
  }
}

function write(db: Connection): void {
  try {
    db.run("BEGIN IMMEDIATE");
    db.run("INSERT INTO probe (data) VALUES (zeroblob(?))", PROBE_BYTES);
    db.run("COMMIT");
    db.run("DELETE FROM probe");
  } catch (error) {
    db.rollback();
    throw error;
  }
}
