/**
 * Items: reading them, and the operations that change them.
 *
 * @module
 */
import { StoreError } from "../errors.ts";
import type { GuardedMutation, ImportResult, ItemStore, Mutation, Page } from "../store.ts";
import type { Item, ItemInput, ItemPatch, Movement } from "../types.ts";
import { type Core, mutate } from "./core.ts";
import { importItems } from "./import.ts";
import { byServer, changeItem, changeOf, createItem, MAX_QUANTITY, move, sizeOf } from "./item_changes.ts";
import { deleteItem, itemTable, readItem, writeItem } from "./item_rows.ts";
import { listMovements } from "./movements.ts";
import { Scan } from "./scan.ts";
import type { Transaction } from "./transaction.ts";

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

function requireItem(tx: Transaction, name: string, expectedRevision: number | undefined): Item {
  const item = readItem(tx.db, name);
  if (item === null) throw new StoreError("ITEM_NOT_FOUND", { name });
  if (expectedRevision !== undefined && item.revision !== expectedRevision) {
    throw new StoreError("ETAG_MISMATCH", { kind: "item", key: name });
  }
  return item;
}
