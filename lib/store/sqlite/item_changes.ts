/**
 * The steps that operations on items are made of: each writes the item, its line in the ledger and what is logged.
 *
 * @module
 */
import type { Change, Item, ItemInput, ItemPatch } from "../types.ts";
import { insertItem, writeItem } from "./item_rows.ts";
import { recordMovement } from "./movements.ts";
import { effective } from "./text.ts";
import type { Transaction } from "./transaction.ts";

/** The largest quantity: what an int32 holds. */
export const MAX_QUANTITY = 2147483647;

/** Why a quantity changed, as the ledger says. */
export interface Cause {
  readonly reason: string;
  readonly reference: string;
  readonly taskId: string;
}

/** A cause that no caller gave. */
export function byServer(reason: "added" | "updated" | "removed" | "imported"): Cause {
  return { reason, reference: "", taskId: "" };
}

/** Adds and logs an item as a revision; null when there is one of that name. */
export function createItem(tx: Transaction, input: ItemInput, reason: "added" | "imported"): Item | null {
  const item: Item = { ...fieldsOf(input), createdAt: tx.time, updatedAt: tx.time, revision: tx.nextRevision };
  if (!insertItem(tx.db, item)) return null;
  move(tx, { name: item.name, quantity: 0 }, item.quantity, byServer(reason));
  tx.append([{ ...changeOf(tx, item.name), type: "created", before: null, after: item }]);
  return item;
}

/** Changes an item in the transaction's next revision, which is still to be appended; null when nothing changes. */
export function changeItem(tx: Transaction, before: Item, patch: ItemPatch, cause: Cause): Change<"item"> | null {
  const fields = effective<ItemPatch>(before, patch);
  if (Object.keys(fields).length === 0) return null;
  const after: Item = { ...before, ...fields, updatedAt: tx.time, revision: tx.nextRevision };
  writeItem(tx.db, after);
  move(tx, before, after.quantity, cause);
  return { ...changeOf(tx, before.name), type: "updated", before, after };
}

/** About how many bytes an input takes. */
export function sizeOf(input: ItemPatch & { readonly name?: string }): number {
  let size = 64 + (input.name?.length ?? 0) + (input.location?.length ?? 0);
  for (const tag of input.tags ?? []) size += tag.length;
  for (const [key, value] of Object.entries(input.attributes ?? {})) size += key.length + value.length;
  return size;
}

/** Writes the ledger's line for a new quantity, if it is new. */
export function move(tx: Transaction, before: Pick<Item, "name" | "quantity">, quantity: number, cause: Cause) {
  const delta = quantity - before.quantity;
  return delta === 0 ? null : recordMovement(tx, { item: before.name, delta, quantity, ...cause });
}

/** What every change of the item in the next revision says. */
export function changeOf(tx: Transaction, key: string) {
  return { revision: tx.nextRevision, time: tx.time, kind: "item", key } as const;
}

/** Only the fields of an input, whatever else the object has. */
export function fieldsOf(
  { name, quantity, priceMicros, location, tags, reorderLevel, attributes }: ItemInput,
): ItemInput {
  return { name, quantity, priceMicros, location, tags, reorderLevel, attributes };
}
