"""The same service through grpc.aio."""

import asyncio

import grpc

from contract import inventory_pb2, inventory_pb2_grpc, task_manager_pb2, task_manager_pb2_grpc


async def live_one_life(tasks, title: str) -> list[str]:
    created = await tasks.CreateTask(task_manager_pb2.CreateTaskRequest(title=title))
    status = task_manager_pb2.TASK_STATUS_DONE
    await tasks.UpdateTask(task_manager_pb2.UpdateTaskRequest(id=created.task.id, status=status))
    await tasks.DeleteTask(task_manager_pb2.DeleteTaskRequest(id=created.task.id))
    return [created.task.id] * 3


def test_unary_calls_streams_and_watches_work_with_asyncio(address, prefix):
    async def scenario():
        async with grpc.aio.insecure_channel(address) as channel:
            inventory = inventory_pb2_grpc.InventoryStub(channel)
            tasks = task_manager_pb2_grpc.TaskManagerStub(channel)

            names = [f"{prefix}{number:02}" for number in range(50)]
            requests = [inventory_pb2.AddItemRequest(name=name, quantity=1) for name in names]
            await asyncio.gather(*(inventory.AddItem(request) for request in requests))
            listed = inventory.ListItems(inventory_pb2.ListItemsRequest(prefix=prefix))
            assert [item.name async for item in listed] == names

            try:
                await inventory.AddItem(requests[0])
                raise AssertionError("a duplicate was added")
            except grpc.aio.AioRpcError as error:
                assert error.code() == grpc.StatusCode.ALREADY_EXISTS
                assert error.details() == f"item '{names[0]}' already exists"

            async def rows():
                for number in range(3):
                    item = inventory_pb2.Item(name=f"{prefix}row {number}")
                    yield inventory_pb2.ImportItemsRequest(rows=[inventory_pb2.ImportRow(item=item)])

            assert (await inventory.ImportItems(rows())).created == 3

            request = task_manager_pb2.WatchTasksRequest(filter=f'title = "{prefix}"')
            watch = tasks.WatchTasks(request)
            await watch.initial_metadata()
            life = asyncio.create_task(live_one_life(tasks, prefix))
            seen = [(await watch.read()).task.id for _ in range(3)]
            assert seen == await life
            watch.cancel()
            assert await watch.code() == grpc.StatusCode.CANCELLED

    asyncio.run(asyncio.wait_for(scenario(), timeout=30))


def test_a_cancelled_task_cancels_its_call(address, prefix):
    async def scenario():
        async with grpc.aio.insecure_channel(address) as channel:
            tasks = task_manager_pb2_grpc.TaskManagerStub(channel)
            watch = tasks.WatchTasks(task_manager_pb2.WatchTasksRequest(filter=f'title = "{prefix}"'))
            await watch.initial_metadata()
            reading = asyncio.create_task(watch.read())
            await asyncio.sleep(0)
            reading.cancel()
            try:
                await reading
                raise AssertionError("the watch gave a message")
            except asyncio.CancelledError:
                pass
            assert await watch.code() == grpc.StatusCode.CANCELLED

    asyncio.run(asyncio.wait_for(scenario(), timeout=30))
