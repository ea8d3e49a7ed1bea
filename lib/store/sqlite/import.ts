/**
 * Import: many rows, each a revision of its own, in a few commits.
 *
 * @module
 */
import { StoreError } from "../errors.ts";
import type { ImportResult, ItemStore } from "../store.ts";
import type { ItemInput } from "../types.ts";
import type { Core } from "./core.ts";
import { ioTurn } from "./event_loop.ts";
import { hasItem, readItem } from "./item_rows.ts";
import { byServer, changeItem, createItem, fieldsOf, sizeOf } from "./item_changes.ts";
import type { Transaction } from "./transaction.ts";

type ImportOptions = Parameters<ItemStore["importRows"]>[1];
type Mode = ImportOptions["mode"];

/** See {@linkcode ItemStore.importRows}. */
export async function importItems(
  core: Core,
  rows: readonly ItemInput[],
  options: ImportOptions,
): Promise<readonly ImportResult[]> {
  const results: ImportResult[] = [];
  const tried = options.tried ?? new Set<string>();
  // One commit's worth at a time, so that other writers get their turn.
  for (const { part, bytes } of parts(core, rows)) {
    const done = options.dryRun
      ? await tryPart(core, part, options, tried)
      : await writePart(core, part, bytes, options);
    results.push(...done);
    if (done.length < part.length || (options.stopOnError && done[done.length - 1]?.status === "failed")) break;
  }
  return results;
}

function* parts(core: Core, rows: readonly ItemInput[]): Generator<{ part: readonly ItemInput[]; bytes: number }> {
  let start = 0;
  let bytes = 0;
  for (let i = 0; i < rows.length; i++) {
    const size = sizeOf(rows[i]!);
    if (i > start && (i - start >= core.commitMaxOperations || bytes + size > core.commitMaxBytes)) {
      yield { part: rows.slice(start, i), bytes };
      start = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (start < rows.length) yield { part: rows.slice(start), bytes };
}

function writePart(
  core: Core,
  part: readonly ItemInput[],
  bytes: number,
  options: ImportOptions,
): Promise<ImportResult[]> {
  return core.queue.submit({
    run: (tx) => each(part, options, (row) => writeRow(tx, row, options.mode)),
    weight: part.length,
    bytes,
    signal: options.signal,
  });
}

async function tryPart(core: Core, part: readonly ItemInput[], options: ImportOptions, tried: Set<string>) {
  options.signal?.throwIfAborted();
  await ioTurn();
  return each(part, options, (row) => {
    const exists = tried.has(row.name) || hasItem(core.db, row.name);
    tried.add(row.name);
    if (!exists) return { status: "created", revision: 0 };
    return existing(row.name, options.mode) ?? { status: "replaced", revision: 0 };
  });
}

function each(
  part: readonly ItemInput[],
  options: ImportOptions,
  one: (row: ItemInput) => ImportResult,
): ImportResult[] {
  const results: ImportResult[] = [];
  for (const row of part) {
    const result = one(row);
    results.push(result);
    if (options.stopOnError && result.status === "failed") break;
  }
  return results;
}

function writeRow(tx: Transaction, row: ItemInput, mode: Mode): ImportResult {
  const created = createItem(tx, row, "imported");
  if (created !== null) return { status: "created", revision: created.revision };
  const left = existing(row.name, mode);
  if (left !== null) return left;
  const { name, ...patch } = fieldsOf(row);
  const change = changeItem(tx, readItem(tx.db, name)!, patch, byServer("imported"));
  if (change === null) return { status: "replaced", revision: 0 };
  tx.append([change]);
  return { status: "replaced", revision: change.revision };
}

/** What becomes of a row whose item is there, unless it replaces it. */
function existing(name: string, mode: Mode): ImportResult | null {
  if (mode === "create") return { status: "failed", error: new StoreError("ITEM_EXISTS", { name }) };
  if (mode === "skip") return { status: "skipped", revision: 0 };
  return null;
}
