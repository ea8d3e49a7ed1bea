/**
 * One connection to the database, with its statements kept prepared.
 *
 * @module
 */
import { backup, DatabaseSync, type StatementSync } from "node:sqlite";
import { StoreError } from "../errors.ts";
import { asStorageError } from "./failure.ts";

/** A statement with the method that Deno 2.9.3 has and its types do not know yet. */
type ArrayStatement = StatementSync & { setReturnArrays(enabled: boolean): void };

/** What a column holds. */
export type Value = string | number | null | Uint8Array;
export type Row = readonly Value[];

export interface ConnectionOptions {
  readonly readOnly: boolean;
  /** How long to wait for a lock that another program holds. It blocks the thread. */
  readonly busyMs: number;
  readonly cacheKib: number;
}

/** Texts of {@linkcode Connection.allSometimes} whose statements are kept: more than the usual orders of a list. */
const MAX_SELDOM = 64;

/** Rows come as arrays in the order of the columns. Failures of the storage are thrown as StoreError. */
export class Connection {
  #database: DatabaseSync | null;
  #statements = new Map<string, StatementSync>();
  /** The one that was used last is last. */
  #seldom = new Map<string, StatementSync>();

  constructor(readonly path: string, options: ConnectionOptions) {
    this.#database = new DatabaseSync(path, {
      readOnly: options.readOnly,
      timeout: options.busyMs,
      enableForeignKeyConstraints: true,
    });
    this.run(`PRAGMA cache_size = ${-options.cacheKib}`);
    // No files outside the store's directory, which could be full or forbidden.
    this.run("PRAGMA temp_store = MEMORY");
  }

  /** A statement that is kept. For texts that are few and fixed. */
  #prepare(sql: string): StatementSync {
    return this.#statements.get(sql) ?? this.#keep(sql);
  }

  #keep(sql: string): StatementSync {
    const statement = this.#fresh(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #fresh(sql: string): StatementSync {
    if (this.#database === null) throw new StoreError("STORE_CLOSED", {});
    const statement = this.#database.prepare(sql) as ArrayStatement;
    statement.setReturnArrays(true);
    return statement;
  }

  /** The first row, or undefined. */
  get(sql: string, ...values: Value[]): Row | undefined {
    try {
      return this.#prepare(sql).get(...values) as unknown as Row | undefined;
    } catch (error) {
      throw asStorageError(error);
    }
  }

  all(sql: string, ...values: Value[]): Row[] {
    try {
      return this.#prepare(sql).all(...values) as unknown as Row[];
    } catch (error) {
      throw asStorageError(error);
    }
  }

  /**
   * As {@linkcode all}, for one of very many texts: only the statements used last are kept. A statement that is let go
   * takes about 9 KB until the garbage collector, which does not see them, comes by.
   */
  allSometimes(sql: string, ...values: Value[]): Row[] {
    try {
      const statement = this.#seldom.get(sql) ?? this.#fresh(sql);
      this.#seldom.delete(sql);
      this.#seldom.set(sql, statement);
      if (this.#seldom.size > MAX_SELDOM) this.#seldom.delete(this.#seldom.keys().next().value!);
      return statement.all(...values) as unknown as Row[];
    } catch (error) {
      throw asStorageError(error);
    }
  }

  /** How many rows were changed. */
  run(sql: string, ...values: Value[]): number {
    try {
      return Number(this.#prepare(sql).run(...values).changes);
    } catch (error) {
      throw asStorageError(error);
    }
  }

  /** Runs several statements. */
  script(sql: string): void {
    if (this.#database === null) throw new StoreError("STORE_CLOSED", {});
    this.#database.exec(sql);
  }

  /**
   * Copies the state that this connection sees into another file, by SQLite's own backup. Within a transaction that has
   * read, the state is the transaction's, whatever others write meanwhile. It blocks the thread.
   */
  async copyTo(path: string): Promise<void> {
    if (this.#database === null) throw new StoreError("STORE_CLOSED", {});
    // All pages in one step: between steps a copy outside of a transaction would begin anew after each write.
    await backup(this.#database, path, { rate: -1 });
  }

  get inTransaction(): boolean {
    return this.#database?.isTransaction ?? false;
  }

  /** Ends a transaction without its changes, if one is open. Never throws. */
  rollback(): void {
    try {
      if (this.inTransaction) this.run("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself when the statement finds no transaction; a broken file is found by the next use.
    }
  }

  /** Goes on with the files that another connection opened afresh. */
  adopt(fresh: Connection): void {
    const old = this.#database;
    this.#database = fresh.#database;
    this.#statements = fresh.#statements;
    this.#seldom = fresh.#seldom;
    fresh.#database = null;
    fresh.#statements = new Map();
    fresh.#seldom = new Map();
    closeQuietly(old);
  }

  close(): void {
    const database = this.#database;
    this.#database = null;
    this.#statements.clear();
    this.#seldom.clear();
    closeQuietly(database);
  }
}

function closeQuietly(database: DatabaseSync | null): void {
  try {
    database?.close();
  } catch {
    // There is nothing left to do with it.
  }
}
