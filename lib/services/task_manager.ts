/**
 * The TaskManager service: check the request, call the store, answer.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { parseFilter } from "../filter/mod.ts";
import { type Call, fail, type Implementation } from "../rpc/mod.ts";
import { TaskPriority, TaskStatus } from "../schema/mod.ts";
import type * as pb from "../schema/mod.ts";
import type {
  Assignee,
  Material,
  Page,
  Store,
  Task,
  TaskCursor,
  TaskInput,
  TaskPatch,
  TaskStore,
} from "../store/mod.ts";
import { flatMapBatches } from "./batches.ts";
import {
  checkEnum,
  checkMask,
  checkName,
  checkPageSize,
  checkParsed,
  checkQuantity,
  checkRequestId,
  Checks,
  checkTags,
  checkText,
  shortened,
} from "./checks.ts";
import { taskResource } from "./errors.ts";
import { taskFields } from "./filter_fields.ts";
import { mutationOf } from "./mutation.ts";
import { parseTaskOrder } from "./order_by.ts";
import { decodePageToken, encodePageToken } from "./page_token.ts";
import { priorityOf, statusOf, taskMessage, taskWatchMessages } from "./task_messages.ts";
import { checkTimestamp } from "./times.ts";
import { announcePosition, checkWatchPosition } from "./watch_position.ts";

const UPDATABLE = [
  "title",
  "description",
  "status",
  "priority",
  "tags",
  "due_at",
  "assignee",
  "user_id",
  "team",
  "materials",
] as const;

export function taskManagerService(store: Store): Implementation<"taskmanager.TaskManager"> {
  const { tasks } = store;
  return {
    async CreateTask(request, call) {
      const input = checkCreateTask(request);
      return { task: taskMessage(await tasks.create(input, mutationOf(request, call))) };
    },

    async GetTask({ id }) {
      const task = await tasks.get(checkId(id));
      if (task === null) throw fail("TASK_NOT_FOUND", { id }, { details: [taskResource(id)] });
      return { task: taskMessage(task) };
    },

    async UpdateTask(request, call) {
      const patch = checkUpdateTask(request);
      return { task: taskMessage(await tasks.update(request.id, patch, mutationOf(request, call))) };
    },

    async DeleteTask(request, call) {
      const id = checkDeleteTask(request);
      return { task: taskMessage(await tasks.delete(id, mutationOf(request, call))) };
    },

    async ListTasks(request, call) {
      const { parameters, ...options } = checkListTasks(request);
      const { entries, next } = await boundedPage(tasks, options, call);
      return {
        tasks: entries.map(taskMessage),
        next_page_token: next === null ? "" : encodePageToken(next, parameters),
      };
    },

    async WatchTasks(request, call) {
      const options = checkWatchTasks(request);
      announcePosition(call, store, options);
      const events = await store.watch({ ...options, kind: "task", signal: call.signal });
      return flatMapBatches(events, taskWatchMessages);
    },
  };
}

/** So many of the largest tasks, about 140 KB each, and what was enough before them stay below a message of 4 MiB. */
const TASKS_A_STEP = 20;
const ENOUGH_BYTES = 512 * 1024;

/** A page of at most `limit` tasks that also fits into one message: with large tasks it is shorter. */
async function boundedPage(
  tasks: TaskStore,
  { limit, ...options }: Omit<Parameters<TaskStore["list"]>[0], "signal">,
  { signal }: Call,
): Promise<Page<Task, TaskCursor>> {
  const entries: Task[] = [];
  let size = 0;
  for (let after = options.after;;) {
    const page = await tasks.list({ ...options, after, signal, limit: Math.min(limit - entries.length, TASKS_A_STEP) });
    for (const task of page.entries) {
      entries.push(task);
      size += Buffer.byteLength(JSON.stringify(task));
    }
    if (page.next === null || entries.length >= limit || size >= ENOUGH_BYTES) return { entries, next: page.next };
    after = page.next;
  }
}

function checkId(id: string): string {
  const checks = new Checks();
  checkIdField(checks, id);
  checks.done();
  return id;
}

function checkIdField(checks: Checks, id: string): void {
  checkText(checks, "id", id, { least: 1, most: 100 });
}

function checkTitle(checks: Checks, title: string): void {
  // The sentence is part of the frozen contract.
  if (title.trim() === "") checks.add("title", "REQUIRED", "Title is required");
  else checkText(checks, "title", title, { most: 200 });
}

function checkDescription(checks: Checks, description: string): void {
  checkText(checks, "description", description, { most: 10_000, lines: true });
}

function checkMaterials(checks: Checks, materials: readonly Material[]): void {
  if (materials.length > 100) {
    checks.add("materials", "TOO_MANY", `materials has ${materials.length} entries, at most 100 are allowed`);
  }
  const seen = new Set<string>();
  for (const [index, { item, quantity }] of materials.slice(0, 100).entries()) {
    checkName(checks, `materials[${index}].item`, item);
    checkQuantity(checks, `materials[${index}].quantity`, quantity, 1);
    if (seen.has(item)) checks.add(`materials[${index}].item`, "DUPLICATE", `materials has '${shortened(item)}' twice`);
    seen.add(item);
  }
}

type AssigneeFields = Pick<pb.Task, "assignee" | "user_id" | "team">;

function checkAssignee(checks: Checks, request: AssigneeFields): Assignee | null {
  if (request.assignee === "team") {
    checkText(checks, "team", request.team, { least: 1, most: 100 });
    return { team: request.team };
  }
  if (request.assignee === "user_id") {
    if (!Number.isSafeInteger(request.user_id) || request.user_id < 1) {
      checks.add("user_id", "OUT_OF_RANGE", `user_id must be at least 1, not ${request.user_id}`);
    }
    return { userId: request.user_id };
  }
  return null;
}

function checkCreateTask(request: pb.CreateTaskRequest): TaskInput {
  const checks = new Checks();
  checkTitle(checks, request.title);
  checkDescription(checks, request.description);
  checkEnum(checks, "priority", request.priority, TaskPriority);
  checkTags(checks, "tags", request.tags);
  const dueAt = request.due_at ? checkTimestamp(checks, "due_at", request.due_at) : null;
  const assignee = checkAssignee(checks, request);
  checkMaterials(checks, request.materials);
  checkRequestId(checks, request.request_id);
  checks.done();
  const { title, description, tags } = request;
  return {
    title,
    description,
    priority: priorityOf(request.priority) ?? "normal",
    tags,
    dueAt,
    assignee,
    materials: plainMaterials(request.materials),
  };
}

function plainMaterials(materials: readonly Material[]): Material[] {
  return materials.map(({ item, quantity }) => ({ item, quantity }));
}

function checkUpdateTask(request: pb.UpdateTaskRequest): TaskPatch {
  const checks = new Checks();
  checkIdField(checks, request.id);
  checkRequestId(checks, request.request_id);
  const mask = checkMask(checks, request.update_mask, UPDATABLE);
  const sets = (present: boolean, ...fields: (typeof UPDATABLE)[number][]) =>
    mask ? fields.some((field) => mask.has(field)) : present;
  const patch: { -readonly [K in keyof TaskPatch]: TaskPatch[K] } = {};
  if (sets(request.title !== "", "title")) {
    checkTitle(checks, request.title);
    patch.title = request.title;
  }
  if (sets(request.description !== "", "description")) {
    checkDescription(checks, request.description);
    patch.description = request.description;
  }
  if (sets(request.status !== 0, "status")) {
    checkEnum(checks, "status", request.status, TaskStatus);
    const status = statusOf(request.status);
    if (status) patch.status = status;
  }
  if (sets(request.priority !== 0, "priority")) {
    checkEnum(checks, "priority", request.priority, TaskPriority);
    const priority = priorityOf(request.priority);
    if (priority) patch.priority = priority;
  }
  if (sets(request.tags.length > 0, "tags")) {
    checkTags(checks, "tags", request.tags);
    patch.tags = request.tags;
  }
  if (sets(request.due_at !== null, "due_at")) {
    patch.dueAt = request.due_at ? checkTimestamp(checks, "due_at", request.due_at) : null;
  }
  if (sets(request.assignee !== undefined, "assignee", "user_id", "team")) {
    patch.assignee = checkAssignee(checks, request);
  }
  if (sets(request.materials.length > 0, "materials")) {
    checkMaterials(checks, request.materials);
    patch.materials = plainMaterials(request.materials);
  }
  checks.done();
  return patch;
}

function checkDeleteTask({ id, request_id }: pb.DeleteTaskRequest): string {
  const checks = new Checks();
  checkIdField(checks, id);
  checkRequestId(checks, request_id);
  checks.done();
  return id;
}

function checkListTasks({ page_size, page_token, filter, order_by }: pb.ListTasksRequest) {
  const checks = new Checks();
  const limit = checkPageSize(checks, page_size);
  const where = checkParsed(checks, "filter", "INVALID_FILTER", () => parseFilter(filter, taskFields));
  const order = checkParsed(checks, "order_by", "INVALID_ORDER_BY", () => parseTaskOrder(order_by)) ?? [];
  const parameters = { method: "ListTasks", filter, order_by };
  const isCursor = (value: unknown): value is TaskCursor =>
    Array.isArray(value) && value.length === order.length + 1 &&
    value.every((part) => part === null || typeof part === "string" || typeof part === "number");
  const after = page_token === ""
    ? undefined
    : checkParsed(checks, "page_token", "INVALID_PAGE_TOKEN", () => decodePageToken(page_token, parameters, isCursor));
  checks.done();
  return { limit, where, order, after, parameters };
}

function checkWatchTasks(request: pb.WatchTasksRequest) {
  const checks = new Checks();
  const position = checkWatchPosition(checks, request);
  const where = checkParsed(checks, "filter", "INVALID_FILTER", () => parseFilter(request.filter, taskFields));
  checks.done();
  return { ...position, where };
}
