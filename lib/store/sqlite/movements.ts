/**
 * The ledger: why every quantity is what it is.
 *
 * @module
 */
import type { ItemStore, Page } from "../store.ts";
import type { Movement } from "../types.ts";
import type { Connection, Row } from "./connection.ts";
import { searchPage } from "./search.ts";
import { fromText, toText } from "./text.ts";
import type { Transaction } from "./transaction.ts";

const COLUMNS = "id, item, delta, quantity, reason, reference, task_id, created_at, revision";
const SEARCH_ROWS = 256;

/** Writes a line into the ledger. It belongs to the transaction's next revision. */
export function recordMovement(
  tx: Transaction,
  line: Pick<Movement, "item" | "delta" | "quantity" | "reason" | "reference" | "taskId">,
): Movement {
  const revision = tx.nextRevision;
  const [id] = tx.db.get(
    "INSERT INTO movements (item, delta, quantity, reason, reference, task_id, created_at, revision) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
    line.item,
    line.delta,
    line.quantity,
    fromText(line.reason),
    fromText(line.reference),
    line.taskId,
    tx.time,
    revision,
  ) as [number];
  return { id, ...line, createdAt: tx.time, revision };
}

/** See {@linkcode ItemStore.movements}. */
export function listMovements(
  db: Connection,
  { item, where, after, limit, signal }: Parameters<ItemStore["movements"]>[0],
): Promise<Page<Movement, number>> {
  return searchPage<Movement, number>({
    read: (below, rows) => readBelow(db, item, below ?? Number.MAX_SAFE_INTEGER, rows),
    cursor: (movement) => movement.id,
    rows: SEARCH_ROWS,
    where,
    after,
    limit,
    signal,
  });
}

function readBelow(db: Connection, item: string | undefined, below: number, rows: number): Movement[] {
  const found = item === undefined
    ? db.all(`SELECT ${COLUMNS} FROM movements WHERE id < ? ORDER BY id DESC LIMIT ?`, below, rows)
    : db.all(
      `SELECT ${COLUMNS} FROM movements WHERE item = ? AND id < ? ORDER BY id DESC LIMIT ?`,
      item,
      below,
      rows,
    );
  return found.map(toMovement);
}

function toMovement([id, item, delta, quantity, reason, reference, taskId, createdAt, revision]: Row): Movement {
  return {
    id: id as number,
    item: item as string,
    delta: delta as number,
    quantity: quantity as number,
    reason: toText(reason!),
    reference: toText(reference!),
    taskId: taskId as string,
    createdAt: createdAt as number,
    revision: revision as number,
  };
}
