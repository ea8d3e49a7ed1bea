/**
 * Remembers the answers to requests that carry an id, so that each happens once.
 *
 * @module
 */
import { StoreError } from "../errors.ts";
import type { Transaction } from "./transaction.ts";

export interface RequestIdentity {
  readonly id: string;
  readonly fingerprint: string;
}

/**
 * Runs `operation` unless the request was answered within its lifetime; then gives that answer. The answer is kept as
 * JSON. `scope` names the operation, so that an id never gets the answer of another one. REQUEST_ID_REUSED.
 */
export function once<T>(
  tx: Transaction,
  request: RequestIdentity | undefined,
  scope: string,
  ttlMs: number,
  operation: (tx: Transaction) => T,
): T {
  if (request === undefined) return operation(tx);
  const fingerprint = `${scope}:${request.fingerprint}`;
  // Compared in SQL: a text that is read back ends at its first NUL.
  const known = tx.db.get(
    "SELECT fingerprint = ?, result FROM requests WHERE id = ? AND created_at > ?",
    fingerprint,
    request.id,
    tx.time - ttlMs,
  );
  if (known !== undefined) {
    if (known[0] !== 1) throw new StoreError("REQUEST_ID_REUSED", { requestId: request.id });
    return JSON.parse(known[1] as string) as T;
  }
  const result = operation(tx);
  // REPLACE also gives an expired id a new place in the order of arrival.
  tx.db.run(
    "INSERT OR REPLACE INTO requests (id, fingerprint, result, created_at) VALUES (?, ?, ?, ?)",
    request.id,
    fingerprint,
    JSON.stringify(result),
    tx.time,
  );
  return result;
}

/** Forgets requests older than `before`, at most `limit` of them; true when there may be more. */
export function forgetRequests(tx: Transaction, before: number, limit: number): boolean {
  const oldest = tx.db.all("SELECT seq, created_at FROM requests ORDER BY seq LIMIT ?", limit) as [number, number][];
  const expired = oldest.filter(([, createdAt]) => createdAt <= before);
  const last = expired[expired.length - 1];
  if (last === undefined) return false;
  tx.db.run("DELETE FROM requests WHERE seq <= ? AND created_at <= ?", last[0], before);
  return expired.length === limit;
}
