"""The frozen part of the contract by grpcio with threads and sqlite3, as its users would plainly write it.

    python server_sync.py DIR

keeps its database in DIR, takes a free port and prints `listening on http://HOST:PORT`.

A watcher holds a thread as long as it watches, so there are as many threads as watchers may be.
"""

import queue
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from inventory_pb2 import AddItemResponse, GetItemResponse, ListItemsResponse
from inventory_pb2_grpc import InventoryServicer, add_InventoryServicer_to_server
from messages import event_message, task_message
from store import Store, TaskRow
from task_manager_pb2 import (
    TASK_EVENT_TYPE_CREATED,
    TASK_EVENT_TYPE_UPDATED,
    CreateTaskResponse,
    UpdateTaskResponse,
)
from task_manager_pb2_grpc import TaskManagerServicer, add_TaskManagerServicer_to_server

THREADS = 1300


class Inventory(InventoryServicer):
    def __init__(self, store: Store) -> None:
        self._store = store

    def AddItem(self, request, context):
        if not request.name:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "name is required")
        if not self._store.add_item(request.name, request.quantity, request.price):
            context.abort(grpc.StatusCode.ALREADY_EXISTS, f"item '{request.name}' already exists")
        return AddItemResponse(name=request.name, status="created")

    def GetItem(self, request, context):
        item = self._store.get_item(request.name)
        if item is None:
            context.abort(grpc.StatusCode.NOT_FOUND, f"item '{request.name}' not found")
        name, quantity, price = item
        return GetItemResponse(name=name, quantity=quantity, price=price)

    def ListItems(self, request, context):
        for name, quantity, price in self._store.items():
            yield ListItemsResponse(name=name, quantity=quantity, price=price)


class TaskManager(TaskManagerServicer):
    def __init__(self, store: Store) -> None:
        self._store = store
        self._watchers: set[queue.SimpleQueue] = set()

    def CreateTask(self, request, context):
        if not request.title:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "Title is required")
        task = self._store.create_task(
            request.title, request.description, lambda task: self._publish(TASK_EVENT_TYPE_CREATED, task)
        )
        return CreateTaskResponse(task=task_message(task))

    def UpdateTask(self, request, context):
        task = self._store.update_task(
            request.id,
            request.title,
            request.description,
            request.status,
            lambda task: self._publish(TASK_EVENT_TYPE_UPDATED, task),
        )
        if task is None:
            context.abort(grpc.StatusCode.NOT_FOUND, f"Task '{request.id}' not found")
        return UpdateTaskResponse(task=task_message(task))

    def WatchTasks(self, request, context):
        events: queue.SimpleQueue = queue.SimpleQueue()
        self._watchers.add(events)
        if not context.add_callback(lambda: events.put(None)):
            events.put(None)
        context.send_initial_metadata(())
        try:
            while (event := events.get()) is not None:
                yield event
        finally:
            self._watchers.discard(events)

    def _publish(self, event_type: int, task: TaskRow) -> None:
        event = event_message(event_type, task)
        for watcher in list(self._watchers):
            watcher.put(event)


def main(directory: str) -> None:
    store = Store(directory)
    server = grpc.server(ThreadPoolExecutor(max_workers=THREADS))
    add_InventoryServicer_to_server(Inventory(store), server)
    add_TaskManagerServicer_to_server(TaskManager(store), server)
    port = server.add_insecure_port("127.0.0.1:0")
    signal.signal(signal.SIGTERM, lambda *_: server.stop(grace=0))
    server.start()
    print(f"listening on http://127.0.0.1:{port}", flush=True)
    server.wait_for_termination()


main(sys.argv[1])
