"""The frozen part of the contract by grpcio's asyncio and sqlite3, as its users would plainly write it.

    python server_asyncio.py DIR

keeps its database in DIR, takes a free port and prints `listening on http://HOST:PORT`.

Reads of a row and writes are made right in the event loop: handing them to a thread costs more than they take.
"""

import asyncio
import signal
import sys

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


class Inventory(InventoryServicer):
    def __init__(self, store: Store) -> None:
        self._store = store

    async def AddItem(self, request, context):
        if not request.name:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "name is required")
        if not self._store.add_item(request.name, request.quantity, request.price):
            await context.abort(grpc.StatusCode.ALREADY_EXISTS, f"item '{request.name}' already exists")
        return AddItemResponse(name=request.name, status="created")

    async def GetItem(self, request, context):
        item = self._store.get_item(request.name)
        if item is None:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"item '{request.name}' not found")
        name, quantity, price = item
        return GetItemResponse(name=name, quantity=quantity, price=price)

    async def ListItems(self, request, context):
        for name, quantity, price in self._store.items():
            yield ListItemsResponse(name=name, quantity=quantity, price=price)


class TaskManager(TaskManagerServicer):
    def __init__(self, store: Store) -> None:
        self._store = store
        self._watchers: set[asyncio.Queue] = set()

    async def CreateTask(self, request, context):
        if not request.title:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "Title is required")
        task = self._store.create_task(
            request.title, request.description, lambda task: self._publish(TASK_EVENT_TYPE_CREATED, task)
        )
        return CreateTaskResponse(task=task_message(task))

    async def UpdateTask(self, request, context):
        task = self._store.update_task(
            request.id,
            request.title,
            request.description,
            request.status,
            lambda task: self._publish(TASK_EVENT_TYPE_UPDATED, task),
        )
        if task is None:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"Task '{request.id}' not found")
        return UpdateTaskResponse(task=task_message(task))

    async def WatchTasks(self, request, context):
        events: asyncio.Queue = asyncio.Queue()
        self._watchers.add(events)
        try:
            await context.send_initial_metadata(())
            while True:
                yield await events.get()
        finally:
            self._watchers.discard(events)

    def _publish(self, event_type: int, task: TaskRow) -> None:
        event = event_message(event_type, task)
        for watcher in self._watchers:
            watcher.put_nowait(event)


async def main(directory: str) -> None:
    store = Store(directory)
    server = grpc.aio.server()
    add_InventoryServicer_to_server(Inventory(store), server)
    add_TaskManagerServicer_to_server(TaskManager(store), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"listening on http://127.0.0.1:{port}", flush=True)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    await server.stop(grace=0)


asyncio.run(main(sys.argv[1]))
