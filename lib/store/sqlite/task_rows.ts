/**
 * Tasks as rows.
 *
 * @module
 */
import type { TaskCursor, TaskOrder, TaskOrderField } from "../store.ts";
import type { Assignee, Material, Task, TaskPriority, TaskStatus } from "../types.ts";
import type { Connection, Row, Value } from "./connection.ts";
import { PAGE_ROWS, type Readable, type Table } from "./scan.ts";
import { fromText, toStrings, toText } from "./text.ts";

const COLUMNS =
  "id, title, description, status, priority, tags, due_at, assignee, materials, created_at, updated_at, revision";

// As numbers, so that they sort by what they mean.
const STATUSES = { todo: 1, in_progress: 2, done: 3 } as const satisfies Record<TaskStatus, number>;
const PRIORITIES = { low: 1, normal: 2, high: 3, urgent: 4 } as const satisfies Record<TaskPriority, number>;
const STATUS_OF = invert(STATUSES);
const PRIORITY_OF = invert(PRIORITIES);

export function readTask(db: Connection, id: string): Task | null {
  const row = db.get(`SELECT ${COLUMNS} FROM tasks WHERE id = ?`, id);
  return row === undefined ? null : toTask(row);
}

export function insertTask(db: Connection, task: Task): void {
  db.run(`INSERT INTO tasks (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, ...fromTask(task));
}

/** Replaces the task of that id. */
export function writeTask(db: Connection, task: Task): void {
  const [id, ...values] = fromTask(task);
  db.run(
    "UPDATE tasks SET title = ?, description = ?, status = ?, priority = ?, tags = ?, due_at = ?, assignee = ?, " +
      "materials = ?, created_at = ?, updated_at = ?, revision = ? WHERE id = ?",
    ...values,
    id,
  );
}

export function deleteTask(db: Connection, id: string): void {
  db.run("DELETE FROM tasks WHERE id = ?", id);
}

/** All tasks by id. */
export const TASK_TABLE: Table<Task> = {
  page(db: Readable, after: string | null) {
    return db.all(`SELECT ${COLUMNS} FROM tasks WHERE id > ? ORDER BY id LIMIT ${PAGE_ROWS}`, after ?? "").map(toTask);
  },
  key: (task) => task.id,
};

/** How a field sorts: its expression, which is what its index holds, and a task's value of it. */
interface SortKey {
  expression(descending: boolean): string;
  value(task: Task): string | number | null;
  /** The value as the expression gives it. */
  bind(value: string | number | null, descending: boolean): Value;
}

const SORT_KEYS: Record<TaskOrderField, SortKey> = {
  createdAt: column("created_at", (task) => task.createdAt),
  updatedAt: column("updated_at", (task) => task.updatedAt),
  priority: column("priority", (task) => PRIORITIES[task.priority]),
  status: column("status", (task) => STATUSES[task.status]),
  title: column("title", (task) => task.title),
  dueAt: {
    expression: (descending) => `ifnull(due_at, ${farthest(descending)})`,
    value: (task) => task.dueAt,
    bind: (value, descending) => value ?? farthest(descending),
  },
};

/** What a task without a due time sorts by: the last in either direction. */
function farthest(descending: boolean): number {
  return descending ? -Number.MAX_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
}

function column(name: string, value: (task: Task) => string | number): SortKey {
  return {
    expression: () => name,
    value,
    bind: (value) => typeof value === "string" ? fromText(value) : value,
  };
}

/** A sorted list of tasks. */
export class SortedTasks {
  readonly #terms: readonly { readonly key: SortKey; readonly descending: boolean }[];
  readonly #orderBy: string;
  readonly #idDescending: boolean;

  constructor(order: readonly TaskOrder[]) {
    // A field that comes again sorts nothing.
    const first = order.filter(({ field }, i) => order.findIndex((other) => other.field === field) === i);
    this.#terms = first.map(({ field, descending }) => ({ key: SORT_KEYS[field], descending }));
    this.#idDescending = first[first.length - 1]?.descending ?? false;
    this.#orderBy = [
      ...this.#terms.map(({ key, descending }) => key.expression(descending) + direction(descending)),
      "id" + direction(this.#idDescending),
    ].join(", ");
  }

  cursor(task: Task): TaskCursor {
    return [...this.#terms.map(({ key }) => key.value(task)), task.id];
  }

  /** The tasks after the cursor, or the first ones. RangeError for the cursor of another order. */
  read(db: Connection, after: TaskCursor | undefined, rows: number): Task[] {
    const { sql, values } = this.query(after, rows);
    return db.allSometimes(sql, ...values).map(toTask);
  }

  /** What {@linkcode read} asks of the database. */
  query(after: TaskCursor | undefined, rows: number): { sql: string; values: Value[] } {
    const { condition, values } = after === undefined ? { condition: "", values: [] } : this.#after(after);
    const sql = `SELECT ${COLUMNS} FROM tasks ${condition} ORDER BY ${this.#orderBy} LIMIT ?`;
    return { sql, values: [...values, rows] };
  }

  /**
   * For the order `a, b DESC, id DESC`: `a >= ?1 AND (a > ?1 OR (a = ?1 AND (b < ?2 OR (b = ?2 AND id < ?3))))`.
   * The first comparison, which the rest implies, is the one that an index can seek to.
   */
  #after(cursor: TaskCursor): { condition: string; values: Value[] } {
    const id = cursor[this.#terms.length];
    if (cursor.length !== this.#terms.length + 1 || typeof id !== "string") {
      throw new RangeError("the cursor belongs to another order");
    }
    const expressions = this.#terms.map(({ key, descending }) => key.expression(descending));
    const values = this.#terms.map(({ key, descending }, i) => key.bind(cursor[i]!, descending));
    const above = (descending: boolean) => descending ? "<" : ">";
    let condition = `id ${above(this.#idDescending)} ?${values.length + 1}`;
    for (let i = values.length - 1; i >= 0; i--) {
      const [expression, value] = [expressions[i]!, `?${i + 1}`];
      const strictly = `${expression} ${above(this.#terms[i]!.descending)} ${value}`;
      condition = `(${strictly} OR (${expression} = ${value} AND ${condition}))`;
    }
    if (values.length > 0) {
      condition = `${expressions[0]!} ${above(this.#terms[0]!.descending)}= ?1 AND ${condition}`;
    }
    return { condition: `WHERE ${condition}`, values: [...values, id] };
  }
}

function direction(descending: boolean): string {
  return descending ? " DESC" : " ASC";
}

function fromTask(task: Task): [id: string, ...Value[]] {
  return [
    task.id,
    fromText(task.title),
    fromText(task.description),
    STATUSES[task.status],
    PRIORITIES[task.priority],
    JSON.stringify(task.tags),
    task.dueAt,
    JSON.stringify(task.assignee),
    JSON.stringify(task.materials),
    task.createdAt,
    task.updatedAt,
    task.revision,
  ];
}

function toTask(row: Row): Task {
  return {
    id: row[0] as string,
    title: toText(row[1]!),
    description: toText(row[2]!),
    status: STATUS_OF[row[3] as number]!,
    priority: PRIORITY_OF[row[4] as number]!,
    tags: toStrings(row[5]!),
    dueAt: row[6] as number | null,
    assignee: JSON.parse(row[7] as string) as Assignee | null,
    materials: JSON.parse(row[8] as string) as Material[],
    createdAt: row[9] as number,
    updatedAt: row[10] as number,
    revision: row[11] as number,
  };
}

function invert<K extends string>(numbers: Record<K, number>): readonly (K | undefined)[] {
  const names: (K | undefined)[] = [];
  for (const name of Object.keys(numbers) as K[]) names[numbers[name]] = name;
  return names;
}
