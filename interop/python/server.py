"""A server of Steward's contract by grpcio: in memory, with the methods of the first published contract.

It exists so that clients of Steward can be tried against a server that shares no code with it. The methods that were
added to the contract later are UNIMPLEMENTED here.

    python server.py [HOST:PORT]

prints `listening on HOST:PORT` when it serves, and stops on SIGTERM or SIGINT.
"""

import signal
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import NoReturn

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

from contract import inventory_pb2, inventory_pb2_grpc, task_manager_pb2, task_manager_pb2_grpc

SERVICES = ("inventory.Inventory", "taskmanager.TaskManager")
UPDATABLE = ("title", "description", "status")
STREAMS_AT_ONCE = 64


def refuse(
    context: grpc.ServicerContext, code: grpc.StatusCode, message: str, reason: str, *details: Message
) -> NoReturn:
    """Ends the call with a status and its details."""
    info = error_details_pb2.ErrorInfo(reason=reason, domain="steward")
    packed = []
    for detail in (info, *details):
        packed.append(any_pb2.Any())
        packed[-1].Pack(detail)
    status = status_pb2.Status(code=code.value[0], message=message, details=packed)
    context.abort_with_status(rpc_status.to_status(status))
    raise AssertionError("abort_with_status does not return")


def refuse_field(context: grpc.ServicerContext, name: str, description: str) -> NoReturn:
    violation = error_details_pb2.BadRequest.FieldViolation(field=name, description=description, reason="REQUIRED")
    details = error_details_pb2.BadRequest(field_violations=[violation])
    refuse(context, grpc.StatusCode.INVALID_ARGUMENT, description, "INVALID_REQUEST", details)


class Inventory(inventory_pb2_grpc.InventoryServicer):
    """Items by name."""

    def __init__(self) -> None:
        self._items: dict[str, inventory_pb2.AddItemRequest] = {}
        self._lock = threading.Lock()

    def AddItem(self, request, context):
        if not request.name:
            refuse_field(context, "name", "name is required")
        with self._lock:
            present = self._items.setdefault(request.name, request) is not request
        if present:
            message = f"item '{request.name}' already exists"
            refuse(context, grpc.StatusCode.ALREADY_EXISTS, message, "ITEM_EXISTS", item_resource(request.name))
        return inventory_pb2.AddItemResponse(name=request.name, status="created")

    def GetItem(self, request, context):
        with self._lock:
            item = self._items.get(request.name)
        if item is None:
            message = f"item '{request.name}' not found"
            refuse(context, grpc.StatusCode.NOT_FOUND, message, "ITEM_NOT_FOUND", item_resource(request.name))
        return inventory_pb2.GetItemResponse(name=item.name, quantity=item.quantity, price=item.price)

    def ListItems(self, request, context):
        with self._lock:
            items = sorted(self._items.values(), key=lambda item: item.name)
        for item in items:
            if item.name.startswith(request.prefix):
                yield inventory_pb2.ListItemsResponse(name=item.name, quantity=item.quantity, price=item.price)


def item_resource(name: str) -> error_details_pb2.ResourceInfo:
    return error_details_pb2.ResourceInfo(resource_type="inventory.Item", resource_name=name)


@dataclass
class ChangeLog:
    """Every event in order; event n has revision n. Whoever waits is woken by the next one."""

    events: list[task_manager_pb2.TaskEvent] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def follow(self, since: int, context: grpc.ServicerContext):
        """Yields the events after a revision, until the call ends."""
        context.add_callback(self._wake)
        while True:
            with self.changed:
                while len(self.events) == since and context.is_active():
                    self.changed.wait()
                news = self.events[since:]
            if not context.is_active():
                return
            yield from news
            since += len(news)

    def _wake(self) -> None:
        with self.changed:
            self.changed.notify_all()


class TaskManager(task_manager_pb2_grpc.TaskManagerServicer):
    """Tasks by id. The lock of the log guards them, so that the log has the order in which they changed."""

    def __init__(self) -> None:
        self._tasks: dict[str, task_manager_pb2.Task] = {}
        self._log = ChangeLog()

    def CreateTask(self, request, context):
        if not request.title.strip():
            refuse_field(context, "title", "Title is required")
        with self._log.changed:
            task = task_manager_pb2.Task(
                id=str(uuid.uuid4()),
                title=request.title,
                description=request.description,
                status=task_manager_pb2.TASK_STATUS_TODO,
                created_at=now(),
            )
            task.updated_at = task.created_at
            self._tasks[task.id] = task
            self._append(task_manager_pb2.TASK_EVENT_TYPE_CREATED, task)
            return task_manager_pb2.CreateTaskResponse(task=task)

    def GetTask(self, request, context):
        with self._log.changed:
            return task_manager_pb2.GetTaskResponse(task=self._find(request.id, context))

    def UpdateTask(self, request, context):
        named = set(request.update_mask.paths)
        if unknown := named.difference(UPDATABLE):
            refuse_field(context, "update_mask", f"update_mask names {', '.join(sorted(unknown))}")
        if "title" in named and not request.title.strip():
            refuse_field(context, "title", "Title is required")
        with self._log.changed:
            task = self._find(request.id, context)
            for name in UPDATABLE:
                value = getattr(request, name)
                if name in named or (not named and value):
                    setattr(task, name, value)
            task.updated_at = now()
            self._append(task_manager_pb2.TASK_EVENT_TYPE_UPDATED, task)
            return task_manager_pb2.UpdateTaskResponse(task=task)

    def DeleteTask(self, request, context):
        with self._log.changed:
            task = self._find(request.id, context)
            del self._tasks[task.id]
            self._append(task_manager_pb2.TASK_EVENT_TYPE_DELETED, task)
            return task_manager_pb2.DeleteTaskResponse(task=task)

    def WatchTasks(self, request, context):
        if request.snapshot or request.filter:
            message = "this server watches without snapshot and filter"
            refuse(context, grpc.StatusCode.UNIMPLEMENTED, message, "UNSUPPORTED_FIELD")
        with self._log.changed:
            present = len(self._log.events)
        if not 0 <= request.since_revision <= present:
            message = f"revision {request.since_revision} is ahead of the store, which is at {present}"
            refuse(context, grpc.StatusCode.OUT_OF_RANGE, message, "REVISION_AHEAD")
        # The headers say that the watch stands.
        context.send_initial_metadata(())
        yield from self._log.follow(request.since_revision or present, context)

    def _find(self, task_id: str, context: grpc.ServicerContext) -> task_manager_pb2.Task:
        task = self._tasks.get(task_id)
        if task is None:
            resource = error_details_pb2.ResourceInfo(resource_type="taskmanager.Task", resource_name=task_id)
            refuse(context, grpc.StatusCode.NOT_FOUND, f"Task '{task_id}' not found", "TASK_NOT_FOUND", resource)
        return task

    def _append(self, event_type: int, task: task_manager_pb2.Task) -> None:
        task.revision = len(self._log.events) + 1
        # The event keeps a copy: the task goes on changing.
        event = task_manager_pb2.TaskEvent(event_type=event_type, task=task, revision=task.revision)
        self._log.events.append(event)
        self._log.changed.notify_all()


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def main(listen: str) -> None:
    server = grpc.server(ThreadPoolExecutor(STREAMS_AT_ONCE))
    inventory_pb2_grpc.add_InventoryServicer_to_server(Inventory(), server)
    task_manager_pb2_grpc.add_TaskManagerServicer_to_server(TaskManager(), server)
    statuses = health.HealthServicer()
    for name in ("", *SERVICES):
        statuses.set(name, health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(statuses, server)
    reflection.enable_server_reflection((*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME), server)
    port = server.add_insecure_port(listen)
    server.start()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    print(f"listening on {listen.rpartition(':')[0]}:{port}", flush=True)
    stopping.wait()
    statuses.enter_graceful_shutdown()
    server.stop(grace=1).wait()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051")
