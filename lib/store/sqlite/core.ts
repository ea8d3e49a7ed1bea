/**
 * What the parts of the store share.
 *
 * @module
 */
import type { Mutation } from "../store.ts";
import type { ChangeLog } from "./change_log.ts";
import type { Connection } from "./connection.ts";
import { once } from "./requests.ts";
import type { ScanSource } from "./scan.ts";
import type { SnapshotPool } from "./snapshots.ts";
import type { Transaction } from "./transaction.ts";
import type { WriteQueue } from "./write_queue.ts";

export interface Core {
  /** Writes in the queue's transactions; between them, reads what is committed. */
  readonly db: Connection;
  readonly queue: WriteQueue;
  readonly log: ChangeLog;
  readonly snapshots: SnapshotPool;
  readonly scanSource: ScanSource;
  readonly requestIdTtlMs: number;
  /** How many operations one commit takes. */
  readonly commitMaxOperations: number;
  readonly commitMaxBytes: number;
}

/** Queues one operation. `scope` names it among the requests that are remembered; `bytes` is about its size. */
export function mutate<T>(
  core: Core,
  scope: string,
  bytes: number,
  mutation: Mutation | undefined,
  run: (tx: Transaction) => T,
): Promise<T> {
  const request = mutation?.request;
  return core.queue.submit({
    run: request === undefined ? run : (tx) => once(tx, request, scope, core.requestIdTtlMs, run),
    weight: 1,
    bytes,
    signal: mutation?.signal,
  });
}
