/**
 * A page of a longer list, perhaps of a few matches among many rows.
 *
 * @module
 */
import type { Page } from "../store.ts";
import { ioTurn } from "./event_loop.ts";

export interface Search<T, C> {
  /** At most `rows` rows after the cursor, or the first ones. */
  read(after: C | undefined, rows: number): readonly T[];
  cursor(thing: T): C;
  /** Rows to read at a time at most. */
  readonly rows: number;
  readonly where: ((thing: T) => boolean) | undefined;
  readonly after: C | undefined;
  readonly limit: number;
  readonly signal: AbortSignal | undefined;
}

/** Reads until the page is full, and one more, so that `next` is null exactly on the last page. */
export async function searchPage<T, C>(search: Search<T, C>): Promise<Page<T, C>> {
  const { where, limit, signal } = search;
  const wanted = limit + 1;
  const found: T[] = [];
  let after = search.after;
  for (;;) {
    signal?.throwIfAborted();
    // Without a condition every row counts; with one, few may.
    const rows = where === undefined ? Math.min(wanted - found.length, search.rows) : search.rows;
    const page = search.read(after, rows);
    for (const thing of page) {
      if (found.length < wanted && (where === undefined || where(thing))) found.push(thing);
    }
    if (found.length === wanted || page.length < rows) break;
    after = search.cursor(page[page.length - 1]!);
    await ioTurn();
  }
  if (found.length < wanted) return { entries: found, next: null };
  found.pop();
  const last = found[found.length - 1];
  return { entries: found, next: last === undefined ? null : search.cursor(last) };
}
