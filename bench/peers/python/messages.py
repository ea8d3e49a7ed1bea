"""What both Python peers answer with."""

from store import TaskRow
from task_manager_pb2 import Task, TaskEvent


def task_message(row: TaskRow) -> Task:
    id, title, description, status, created_at, updated_at = row
    return Task(
        id=id, title=title, description=description, status=status, created_at=created_at, updated_at=updated_at
    )


def event_message(event_type: int, row: TaskRow) -> TaskEvent:
    return TaskEvent(event_type=event_type, task=task_message(row))
