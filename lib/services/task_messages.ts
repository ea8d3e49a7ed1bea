/**
 * Tasks of the store as messages of the contract, and back.
 *
 * @module
 */
import type { Init } from "../rpc/mod.ts";
import { TaskEventType, TaskPriority, TaskStatus } from "../schema/mod.ts";
import type * as pb from "../schema/mod.ts";
import type { Change, Task, TaskPriority as Priority, TaskStatus as Status, WatchEvent } from "../store/mod.ts";
import { SharedMessages } from "./batches.ts";
import { etagOf } from "./mutation.ts";
import { timestamp } from "./times.ts";

const STATUS_NUMBERS: Record<Status, number> = {
  todo: TaskStatus.TASK_STATUS_TODO,
  in_progress: TaskStatus.TASK_STATUS_IN_PROGRESS,
  done: TaskStatus.TASK_STATUS_DONE,
};
const PRIORITY_NUMBERS: Record<Priority, number> = {
  low: TaskPriority.TASK_PRIORITY_LOW,
  normal: TaskPriority.TASK_PRIORITY_NORMAL,
  high: TaskPriority.TASK_PRIORITY_HIGH,
  urgent: TaskPriority.TASK_PRIORITY_URGENT,
};
const EVENT_NUMBERS: Record<Change["type"], number> = {
  created: TaskEventType.TASK_EVENT_TYPE_CREATED,
  updated: TaskEventType.TASK_EVENT_TYPE_UPDATED,
  deleted: TaskEventType.TASK_EVENT_TYPE_DELETED,
};

/** The store's word for a number of TaskStatus; undefined for UNSPECIFIED and unknown ones. */
export function statusOf(number: number): Status | undefined {
  return wordOf(STATUS_NUMBERS, number);
}

/** The store's word for a number of TaskPriority; undefined for UNSPECIFIED and unknown ones. */
export function priorityOf(number: number): Priority | undefined {
  return wordOf(PRIORITY_NUMBERS, number);
}

function wordOf<W extends string>(numbers: Record<W, number>, number: number): W | undefined {
  return (Object.keys(numbers) as W[]).find((word) => numbers[word] === number);
}

export function taskMessage(task: Task): Init<pb.Task> {
  return {
    id: task.id,
    title: task.title,
    description: task.description,
    status: STATUS_NUMBERS[task.status],
    created_at: new Date(task.createdAt).toISOString(),
    updated_at: new Date(task.updatedAt).toISOString(),
    priority: PRIORITY_NUMBERS[task.priority],
    tags: task.tags,
    due_at: task.dueAt === null ? null : timestamp(task.dueAt),
    ...(task.assignee === null
      ? {}
      : "team" in task.assignee
      ? { team: task.assignee.team }
      : { user_id: task.assignee.userId }),
    materials: task.materials,
    etag: etagOf(task.revision),
    revision: task.revision,
  };
}

/** The messages for what a watch gives: one an event, the last of a revision with the revision. */
export function taskWatchMessages(event: WatchEvent<"task">): readonly Init<pb.TaskEvent>[] {
  switch (event.type) {
    case "progress":
      return [{ event_type: TaskEventType.TASK_EVENT_TYPE_PROGRESS, revision: event.revision }];
    case "snapshot":
      return event.entries.map((task) => ({
        event_type: TaskEventType.TASK_EVENT_TYPE_SNAPSHOT,
        task: taskMessage(task),
      }));
    case "changes":
      return CHANGES.of(event);
  }
}

const CHANGES = new SharedMessages(({ changes, revision }: Extract<WatchEvent<"task">, { type: "changes" }>) =>
  changes.map(({ type, before, after }, index, { length }): Init<pb.TaskEvent> => ({
    event_type: EVENT_NUMBERS[type],
    task: taskMessage((after ?? before)!),
    previous: type === "updated" ? taskMessage(before!) : null,
    revision: index === length - 1 ? revision : 0,
  }))
);
