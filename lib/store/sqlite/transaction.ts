/**
 * What an operation works with while its transaction is open.
 *
 * @module
 */
import type { Change } from "../types.ts";
import { appendRevision, type Revision } from "./change_log.ts";
import type { Connection } from "./connection.ts";

/** Where a transaction stood before an operation. */
interface Mark {
  readonly revision: number;
  readonly revisions: number;
  readonly hooks: number;
}

/** One transaction: it hands out revisions and gathers what is to be told after the commit. */
export class Transaction {
  #revision: number;
  readonly #revisions: Revision[] = [];
  readonly #hooks: (() => void)[] = [];

  constructor(readonly db: Connection, revision: number, /** Of everything in it. */ readonly time: number) {
    this.#revision = revision;
  }

  /** The revision that the operation's changes will have. */
  get nextRevision(): number {
    return this.#revision + 1;
  }

  /** The last revision given. */
  get revision(): number {
    return this.#revision;
  }

  /** What was logged, in order. */
  get revisions(): readonly Revision[] {
    return this.#revisions;
  }

  /** Logs the changes of {@linkcode nextRevision} and moves on to the one after. */
  append(changes: readonly Change[]): void {
    this.#revisions.push(appendRevision(this.db, this.nextRevision, this.time, changes));
    this.#revision++;
  }

  /** Runs `hook` when, and only if, the operation was committed. */
  onCommit(hook: () => void): void {
    this.#hooks.push(hook);
  }

  committed(): void {
    for (const hook of this.#hooks) hook();
  }

  mark(): Mark {
    return { revision: this.#revision, revisions: this.#revisions.length, hooks: this.#hooks.length };
  }

  /** Forgets what came after the mark. */
  return(mark: Mark): void {
    this.#revision = mark.revision;
    this.#revisions.length = mark.revisions;
    this.#hooks.length = mark.hooks;
  }
}
