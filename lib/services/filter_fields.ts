/**
 * What items, movements and tasks can be filtered by, under the names of the contract.
 *
 * @module
 */
import type { FieldTable } from "../filter/mod.ts";
import type { Item, Movement, Task, TaskPriority, TaskStatus } from "../store/types.ts";

/** The numbers of taskmanager.TaskStatus; they also give the order. */
const statusNumbers = { todo: 1, in_progress: 2, done: 3 } as const satisfies Record<TaskStatus, number>;
/** The numbers of taskmanager.TaskPriority. */
const priorityNumbers = { low: 1, normal: 2, high: 3, urgent: 4 } as const satisfies Record<TaskPriority, number>;

export const itemFields: FieldTable<Item> = {
  name: { kind: "string", get: (item) => item.name, search: true },
  quantity: { kind: "number", get: (item) => item.quantity },
  price: { kind: "money", get: (item) => item.priceMicros },
  location: { kind: "string", get: (item) => item.location, search: true },
  tags: { kind: "list", get: (item) => item.tags, search: true },
  reorder_level: { kind: "number", get: (item) => item.reorderLevel },
  attributes: { kind: "map", get: (item) => item.attributes, search: true },
  created_at: { kind: "timestamp", get: (item) => item.createdAt },
  updated_at: { kind: "timestamp", get: (item) => item.updatedAt },
  revision: { kind: "number", get: (item) => item.revision },
};

export const movementFields: FieldTable<Movement> = {
  item: { kind: "string", get: (movement) => movement.item, search: true },
  delta: { kind: "number", get: (movement) => movement.delta },
  quantity: { kind: "number", get: (movement) => movement.quantity },
  reason: { kind: "string", get: (movement) => movement.reason, search: true },
  reference: { kind: "string", get: (movement) => movement.reference, search: true },
  task_id: { kind: "string", get: (movement) => movement.taskId },
  created_at: { kind: "timestamp", get: (movement) => movement.createdAt },
  revision: { kind: "number", get: (movement) => movement.revision },
};

export const taskFields: FieldTable<Task> = {
  id: { kind: "string", get: (task) => task.id },
  title: { kind: "string", get: (task) => task.title, search: true },
  description: { kind: "string", get: (task) => task.description, search: true },
  status: {
    kind: "enum",
    get: (task) => statusNumbers[task.status],
    values: statusNumbers,
    prefix: "TASK_STATUS_",
  },
  priority: {
    kind: "enum",
    get: (task) => priorityNumbers[task.priority],
    values: priorityNumbers,
    prefix: "TASK_PRIORITY_",
  },
  tags: { kind: "list", get: (task) => task.tags, search: true },
  due_at: { kind: "timestamp", get: (task) => task.dueAt },
  user_id: {
    kind: "number",
    get: ({ assignee }) => assignee !== null && "userId" in assignee ? assignee.userId : null,
  },
  team: {
    kind: "string",
    get: ({ assignee }) => assignee !== null && "team" in assignee ? assignee.team : null,
    search: true,
  },
  materials: {
    kind: "list",
    get: (task) => task.materials.map((material) => material.item),
    element: "item",
    search: true,
  },
  created_at: { kind: "timestamp", get: (task) => task.createdAt },
  updated_at: { kind: "timestamp", get: (task) => task.updatedAt },
  revision: { kind: "number", get: (task) => task.revision },
};
