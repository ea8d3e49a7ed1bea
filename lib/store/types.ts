/**
 * What the store keeps, in its own terms. No wire, no SQL.
 *
 * @module
 */

/** One kind of thing in stock. */
export interface Item {
  readonly name: string;
  readonly quantity: number;
  /** Price of one piece in millionths, so that decimal prices are exact. */
  readonly priceMicros: number;
  readonly location: string;
  readonly tags: readonly string[];
  readonly reorderLevel: number;
  readonly attributes: Readonly<Record<string, string>>;
  /** Milliseconds since 1970, as every time here. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The revision that last changed it. */
  readonly revision: number;
}

/** The fields of an item that a caller decides. */
export type ItemInput = Pick<
  Item,
  "name" | "quantity" | "priceMicros" | "location" | "tags" | "reorderLevel" | "attributes"
>;

/** The fields of an item that an update may set. */
export type ItemPatch = Partial<Omit<ItemInput, "name">>;

/** One line of the ledger. */
export interface Movement {
  /** Counts up from 1. */
  readonly id: number;
  readonly item: string;
  readonly delta: number;
  /** Pieces in stock afterwards. */
  readonly quantity: number;
  readonly reason: string;
  readonly reference: string;
  /** Empty unless a task made the movement. */
  readonly taskId: string;
  readonly createdAt: number;
  readonly revision: number;
}

export type TaskStatus = "todo" | "in_progress" | "done";
export type TaskPriority = "low" | "normal" | "high" | "urgent";

/** What a task uses up when it is finished. */
export interface Material {
  readonly item: string;
  readonly quantity: number;
}

/** Who does a task. */
export type Assignee = { readonly userId: number } | { readonly team: string };

export interface Task {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly status: TaskStatus;
  readonly priority: TaskPriority;
  readonly tags: readonly string[];
  readonly dueAt: number | null;
  readonly assignee: Assignee | null;
  readonly materials: readonly Material[];
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly revision: number;
}

/** The fields of a new task that a caller decides. */
export type TaskInput = Pick<
  Task,
  "title" | "description" | "priority" | "tags" | "dueAt" | "assignee" | "materials"
>;

/** The fields of a task that an update may set. */
export type TaskPatch = Partial<TaskInput & Pick<Task, "status">>;

/** The kinds of thing whose changes are logged, each with its type. */
export interface Kinds {
  item: Item;
  task: Task;
}
export type Kind = keyof Kinds;

/** One change of one thing. */
export interface Change<K extends Kind = Kind> {
  readonly revision: number;
  /** When it was committed, in milliseconds since 1970. */
  readonly time: number;
  readonly kind: K;
  readonly type: "created" | "updated" | "deleted";
  /** The item's name or the task's id. */
  readonly key: string;
  /** The state before; null for a creation. */
  readonly before: Kinds[K] | null;
  /** The state after; null for a deletion. */
  readonly after: Kinds[K] | null;
}
