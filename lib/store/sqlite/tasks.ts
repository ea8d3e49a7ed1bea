/**
 * Tasks: reading them, and the operations that change them and move their materials.
 *
 * @module
 */
import { StoreError } from "../errors.ts";
import type { GuardedMutation, Mutation, TaskCursor, TaskStore } from "../store.ts";
import type { Change, Item, Task, TaskInput, TaskPatch } from "../types.ts";
import { type Core, mutate } from "./core.ts";
import { readItem } from "./item_rows.ts";
import { changeItem, MAX_QUANTITY } from "./item_changes.ts";
import { searchPage } from "./search.ts";
import { deleteTask, insertTask, readTask, SortedTasks, writeTask } from "./task_rows.ts";
import { effective } from "./text.ts";
import type { Transaction } from "./transaction.ts";

const SEARCH_ROWS = 256;

export class SqliteTasks implements TaskStore {
  constructor(private readonly core: Core) {}

  create(input: TaskInput, mutation?: Mutation): Promise<Task> {
    return mutate(this.core, "task.create", sizeOf(input), mutation, (tx) => {
      const task: Task = {
        id: crypto.randomUUID(),
        ...fieldsOf(input),
        status: "todo",
        createdAt: tx.time,
        updatedAt: tx.time,
        revision: tx.nextRevision,
      };
      insertTask(tx.db, task);
      tx.append([{ ...changeOf(tx, task.id), type: "created", before: null, after: task }]);
      return task;
    });
  }

  // deno-lint-ignore require-await -- so that a failure is a rejection
  async get(id: string): Promise<Task | null> {
    return readTask(this.core.db, id);
  }

  // deno-lint-ignore require-await -- so that a failure is a rejection
  async list({ order, where, after, limit, signal }: Parameters<TaskStore["list"]>[0]) {
    const sorted = new SortedTasks(order);
    return searchPage<Task, TaskCursor>({
      read: (cursor, rows) => sorted.read(this.core.db, cursor, rows),
      cursor: (task) => sorted.cursor(task),
      rows: SEARCH_ROWS,
      where,
      after,
      limit,
      signal,
    });
  }

  update(id: string, patch: TaskPatch, mutation?: GuardedMutation): Promise<Task> {
    return mutate(this.core, "task.update", sizeOf(patch), mutation, (tx) => {
      const before = requireTask(tx, id, mutation?.expectedRevision);
      const fields = effective<TaskPatch>(before, patch);
      if (Object.keys(fields).length === 0) return before;
      const after: Task = { ...before, ...fields, updatedAt: tx.time, revision: tx.nextRevision };
      const moved = moveMaterials(tx, before, after);
      writeTask(tx.db, after);
      tx.append([{ ...changeOf(tx, id), type: "updated", before, after }, ...moved]);
      return after;
    });
  }

  delete(id: string, mutation?: GuardedMutation): Promise<Task> {
    return mutate(this.core, "task.delete", id.length, mutation, (tx) => {
      const before = requireTask(tx, id, mutation?.expectedRevision);
      deleteTask(tx.db, id);
      tx.append([{ ...changeOf(tx, id), type: "deleted", before, after: null }]);
      return before;
    });
  }
}

/** Takes the materials of a task that is finished now, gives back those of one that is reopened. */
function moveMaterials(tx: Transaction, before: Task, after: Task): Change<"item">[] {
  const [was, is] = [before.status === "done", after.status === "done"];
  if (was && is && after.materials !== before.materials) throw new StoreError("TASK_DONE", { id: before.id });
  if (was === is) return [];
  const wanted = total(is ? after : before);
  const items = new Map<string, Item | null>();
  for (const name of wanted.keys()) items.set(name, readItem(tx.db, name));
  if (is) checkTaking(wanted, items);
  else checkGivingBack(wanted, items);
  const cause = { reason: is ? "task done" : "task reopened", reference: after.title, taskId: after.id };
  const changes: Change<"item">[] = [];
  for (const [name, quantity] of wanted) {
    const item = items.get(name)!;
    const change = changeItem(tx, item, { quantity: item.quantity + (is ? -quantity : quantity) }, cause);
    if (change !== null) changes.push(change);
  }
  return changes;
}

function checkTaking(wanted: ReadonlyMap<string, number>, items: ReadonlyMap<string, Item | null>): void {
  const short: { name: string; wanted: number; available: number | null }[] = [];
  for (const [name, quantity] of wanted) {
    const available = items.get(name)?.quantity ?? null;
    if (available === null || available < quantity) short.push({ name, wanted: quantity, available });
  }
  if (short.length > 0) throw new StoreError("STOCK_SHORT", { items: short });
}

function checkGivingBack(given: ReadonlyMap<string, number>, items: ReadonlyMap<string, Item | null>): void {
  const names = [...given.keys()].filter((name) => items.get(name) === null);
  if (names.length > 0) throw new StoreError("MATERIAL_GONE", { names });
  const over: { name: string; delta: number; available: number }[] = [];
  for (const [name, delta] of given) {
    const available = items.get(name)!.quantity;
    if (available + delta > MAX_QUANTITY) over.push({ name, delta, available });
  }
  if (over.length > 0) throw new StoreError("STOCK_OVERFLOW", { items: over });
}

/** Pieces of each item, should one be named twice. */
function total(task: Task): Map<string, number> {
  const pieces = new Map<string, number>();
  for (const { item, quantity } of task.materials) pieces.set(item, (pieces.get(item) ?? 0) + quantity);
  return pieces;
}

function requireTask(tx: Transaction, id: string, expectedRevision: number | undefined): Task {
  const task = readTask(tx.db, id);
  if (task === null) throw new StoreError("TASK_NOT_FOUND", { id });
  if (expectedRevision !== undefined && task.revision !== expectedRevision) {
    throw new StoreError("ETAG_MISMATCH", { kind: "task", key: id });
  }
  return task;
}

function changeOf(tx: Transaction, key: string) {
  return { revision: tx.nextRevision, time: tx.time, kind: "task", key } as const;
}

/** Only the fields of an input, whatever else the object has. */
function fieldsOf({ title, description, priority, tags, dueAt, assignee, materials }: TaskInput): TaskInput {
  return { title, description, priority, tags, dueAt, assignee, materials };
}

/** About how many bytes an input takes. */
function sizeOf(input: TaskPatch): number {
  let size = 128 + (input.title?.length ?? 0) + (input.description?.length ?? 0);
  for (const tag of input.tags ?? []) size += tag.length;
  for (const { item } of input.materials ?? []) size += item.length + 16;
  return size;
}
