/**
 * Items: reading them, and the operations that change them.
 *
 * @module
 */
import { StoreError } from "../errors.ts";
import type { GuardedMutation, ImportResult, ItemStore, Mutation, Page } from "../store.ts";
import type { Change, Item, ItemInput, ItemPatch, Movement } from "../types.ts";
import { type Core, mutate } from "./core.ts";
import { importItems } from "./import.ts";
import { deleteItem, insertItem, itemTable, readItem, writeItem } from "./item_rows.ts";
import { listMovements, recordMovement } from "./movements.ts";
import { Scan } from "./scan.ts";
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

export class SqliteItems implements ItemStore {
  constructor(private readonly core: Core) {}

  add(input: ItemInput, mutation?: Mutation): Promise<Item> {
    return mutate(this.core, "item.add", sizeOf(input), mutation, (tx) => {
      const item = createItem(tx, input, "added");
      if (item === null) throw new StoreError("ITEM_EXISTS", { name: input.name });
      return item;
    });
  }

  // deno-lint-ignore require-await -- so that a failure is a rejection
  async get(name: string): Promise<Item | null> {
    return readItem(this.core.db, name);
  }

  // deno-lint-ignore require-await -- so that a failure is a rejection
  async scan(
    { prefix, where, signal }: Parameters<ItemStore["scan"]>[0],
  ): Promise<AsyncIterable<readonly Item[]>> {
    return new Scan(this.core.scanSource, itemTable(prefix ?? ""), where, signal);
  }

  update(name: string, patch: ItemPatch, mutation?: GuardedMutation): Promise<Item> {
    return mutate(this.core, "item.update", sizeOf(patch) + name.length, mutation, (tx) => {
      const before = requireItem(tx, name, mutation?.expectedRevision);
      const change = changeItem(tx, before, patch, byServer("updated"));
      if (change === null) return before;
      tx.append([change]);
      return change.after!;
    });
  }

  remove(name: string, mutation?: GuardedMutation): Promise<Item> {
    return mutate(this.core, "item.remove", name.length, mutation, (tx) => {
      const before = requireItem(tx, name, mutation?.expectedRevision);
      deleteItem(tx.db, name);
      move(tx, before, 0, byServer("removed"));
      tx.append([{ ...changeOf(tx, name), type: "deleted", before, after: null }]);
      return before;
    });
  }

  adjust(
    name: string,
    { delta, reason, reference }: { readonly delta: number; readonly reason: string; readonly reference: string },
    mutation?: GuardedMutation,
  ): Promise<{ readonly item: Item; readonly movement: Movement }> {
    if (delta === 0) return Promise.reject(new RangeError("delta must not be 0"));
    const bytes = name.length + reason.length + reference.length;
    return mutate(this.core, "item.adjust", bytes, mutation, (tx) => {
      const before = requireItem(tx, name, mutation?.expectedRevision);
      const available = before.quantity;
      const quantity = available + delta;
      if (quantity < 0) throw new StoreError("STOCK_SHORT", { items: [{ name, wanted: -delta, available }] });
      if (quantity > MAX_QUANTITY) throw new StoreError("STOCK_OVERFLOW", { items: [{ name, delta, available }] });
      const item = { ...before, quantity, updatedAt: tx.time, revision: tx.nextRevision };
      writeItem(tx.db, item);
      const movement = move(tx, before, quantity, { reason, reference, taskId: "" })!;
      tx.append([{ ...changeOf(tx, name), type: "updated", before, after: item }]);
      return { item, movement };
    });
  }

  importRows(
    rows: readonly ItemInput[],
    options: Parameters<ItemStore["importRows"]>[1],
  ): Promise<readonly ImportResult[]> {
    return importItems(this.core, rows, options);
  }

  movements(options: Parameters<ItemStore["movements"]>[0]): Promise<Page<Movement, number>> {
    return listMovements(this.core.db, options);
  }
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

function move(tx: Transaction, before: Pick<Item, "name" | "quantity">, quantity: number, cause: Cause) {
  const delta = quantity - before.quantity;
  return delta === 0 ? null : recordMovement(tx, { item: before.name, delta, quantity, ...cause });
}

function requireItem(tx: Transaction, name: string, expectedRevision: number | undefined): Item {
  const item = readItem(tx.db, name);
  if (item === null) throw new StoreError("ITEM_NOT_FOUND", { name });
  if (expectedRevision !== undefined && item.revision !== expectedRevision) {
    throw new StoreError("ETAG_MISMATCH", { kind: "item", key: name });
  }
  return item;
}

function changeOf(tx: Transaction, key: string) {
  return { revision: tx.nextRevision, time: tx.time, kind: "item", key } as const;
}

/** Only the fields of an input, whatever else the object has. */
export function fieldsOf(
  { name, quantity, priceMicros, location, tags, reorderLevel, attributes }: ItemInput,
): ItemInput {
  return { name, quantity, priceMicros, location, tags, reorderLevel, attributes };
}
