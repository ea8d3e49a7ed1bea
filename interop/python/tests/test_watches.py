"""Watches: read in a thread while the test changes things."""

import queue

import grpc
import pytest
from google.protobuf import duration_pb2
from support import Watch, rejected

from contract import inventory_pb2, task_manager_pb2

CREATED = task_manager_pb2.TASK_EVENT_TYPE_CREATED
UPDATED = task_manager_pb2.TASK_EVENT_TYPE_UPDATED
DELETED = task_manager_pb2.TASK_EVENT_TYPE_DELETED
SNAPSHOT = task_manager_pb2.TASK_EVENT_TYPE_SNAPSHOT
PROGRESS = task_manager_pb2.TASK_EVENT_TYPE_PROGRESS


def tagged(tag: str) -> str:
    return f'tags:"{tag}"'


def live_one_life(tasks, tag: str):
    """Creates, changes and deletes a task."""
    task = tasks.CreateTask(task_manager_pb2.CreateTaskRequest(title="Watched", tags=[tag])).task
    tasks.UpdateTask(task_manager_pb2.UpdateTaskRequest(id=task.id, status=task_manager_pb2.TASK_STATUS_DONE))
    tasks.DeleteTask(task_manager_pb2.DeleteTaskRequest(id=task.id))
    return task


def test_a_watch_sees_every_change_of_a_task_in_order(tasks, prefix):
    with Watch(tasks.WatchTasks(task_manager_pb2.WatchTasksRequest(filter=tagged(prefix)))) as watch:
        task = live_one_life(tasks, prefix)
        events = watch.take(3)
    assert [event.event_type for event in events] == [CREATED, UPDATED, DELETED]
    assert {event.task.id for event in events} == {task.id}
    assert events[1].task.status == task_manager_pb2.TASK_STATUS_DONE
    assert events[1].previous.status == task_manager_pb2.TASK_STATUS_TODO
    assert events[0].revision < events[1].revision < events[2].revision


def test_a_watch_without_filter_sees_what_happens_after_its_headers(tasks, prefix):
    with Watch(tasks.WatchTasks(task_manager_pb2.WatchTasksRequest())) as watch:
        task = tasks.CreateTask(task_manager_pb2.CreateTaskRequest(title=f"{prefix}seen")).task
        event = watch.next()
    assert (event.event_type, event.task) == (CREATED, task)


def test_a_watch_resumes_after_any_revision_without_loss_or_repeat(tasks, prefix):
    with Watch(tasks.WatchTasks(task_manager_pb2.WatchTasksRequest(filter=tagged(prefix)))) as watch:
        live_one_life(tasks, prefix)
        live_one_life(tasks, prefix)
        seen = watch.take(6)
    for position, event in enumerate(seen[:-1]):
        request = task_manager_pb2.WatchTasksRequest(filter=tagged(prefix), since_revision=event.revision)
        with Watch(tasks.WatchTasks(request)) as watch:
            assert watch.take(5 - position) == seen[position + 1 :]
    request = task_manager_pb2.WatchTasksRequest(filter=tagged(prefix), since_revision=seen[2].revision)
    with Watch(tasks.WatchTasks(request)) as watch:
        task = live_one_life(tasks, prefix)
        events = watch.take(6)
    assert events[:3] == seen[3:]
    assert [(event.event_type, event.task.id) for event in events[3:]] == [
        (CREATED, task.id),
        (UPDATED, task.id),
        (DELETED, task.id),
    ]


def test_a_task_snapshot_gives_what_is_there_and_then_what_changes(tasks, prefix):
    titles = [f"{prefix}{number}" for number in range(3)]
    for title in titles:
        tasks.CreateTask(task_manager_pb2.CreateTaskRequest(title=title, tags=[prefix.strip()]))
    request = task_manager_pb2.WatchTasksRequest(snapshot=True, filter=tagged(prefix.strip()))
    with Watch(tasks.WatchTasks(request)) as watch:
        *snapshot, end = watch.take(4)
        assert {event.event_type for event in snapshot} == {SNAPSHOT}
        assert sorted(event.task.title for event in snapshot) == titles
        assert {event.revision for event in snapshot} == {0}
        assert end.event_type == PROGRESS and end.revision > 0 and not end.HasField("task")
        created = tasks.CreateTask(task_manager_pb2.CreateTaskRequest(title="more", tags=[prefix.strip()])).task
        event = watch.next()
        assert (event.event_type, event.task, event.revision) == (CREATED, created, created.revision)


def test_an_item_snapshot_ends_with_the_revision_to_resume_from(inventory, prefix):
    for number in range(20):
        inventory.AddItem(inventory_pb2.AddItemRequest(name=f"{prefix}{number:02}", quantity=number))
    seen, revision = [], 0
    request = inventory_pb2.WatchItemsRequest(snapshot=True, prefix=prefix)
    with Watch(inventory.WatchItems(request)) as watch:
        while not revision:
            message = watch.next()
            assert all(event.event_type == inventory_pb2.ITEM_EVENT_TYPE_SNAPSHOT for event in message.events)
            seen += [event.item.name for event in message.events]
            revision = message.revision
    assert seen == [f"{prefix}{number:02}" for number in range(20)]
    inventory.AdjustStock(inventory_pb2.AdjustStockRequest(name=f"{prefix}03", delta=10))
    inventory.RemoveItem(inventory_pb2.RemoveItemRequest(name=f"{prefix}04"))
    request = inventory_pb2.WatchItemsRequest(since_revision=revision, prefix=prefix)
    with Watch(inventory.WatchItems(request)) as watch:
        (changed,), (removed,) = (message.events for message in watch.take(2))
    assert (changed.event_type, changed.item.quantity, changed.previous.quantity) == (
        inventory_pb2.ITEM_EVENT_TYPE_UPDATED,
        13,
        3,
    )
    assert (removed.event_type, removed.item.name) == (inventory_pb2.ITEM_EVENT_TYPE_REMOVED, f"{prefix}04")


def test_the_changes_of_one_revision_come_together(inventory, tasks, prefix):
    materials = []
    for number in range(3):
        inventory.AddItem(inventory_pb2.AddItemRequest(name=f"{prefix}{number}", quantity=5))
        materials.append(task_manager_pb2.Material(item=f"{prefix}{number}", quantity=1))
    task = tasks.CreateTask(task_manager_pb2.CreateTaskRequest(title=f"{prefix}Build", materials=materials)).task
    with Watch(inventory.WatchItems(inventory_pb2.WatchItemsRequest(prefix=prefix))) as watch:
        request = task_manager_pb2.UpdateTaskRequest(id=task.id, status=task_manager_pb2.TASK_STATUS_DONE)
        done = tasks.UpdateTask(request).task
        message = watch.next()
    assert sorted(event.item.name for event in message.events) == [f"{prefix}{number}" for number in range(3)]
    assert message.revision == done.revision and message.time.seconds > 0


def test_a_watcher_sees_an_item_leave_its_filter(inventory, prefix):
    name = f"{prefix}Widget"
    request = inventory_pb2.WatchItemsRequest(prefix=prefix, filter="quantity < 5")
    with Watch(inventory.WatchItems(request)) as watch:
        inventory.AddItem(inventory_pb2.AddItemRequest(name=name, quantity=8))
        for delta in (-4, 1, -2, -1, 7, 1, -9):
            inventory.AdjustStock(inventory_pb2.AdjustStockRequest(name=name, delta=delta))
        quantities = [watch.next().events[0].item.quantity for _ in range(6)]
    # Of 8, 4, 5, 3, 2, 9, 10, 1 all but the first and 10 match, or did before the change.
    assert quantities == [4, 5, 3, 2, 9, 1]


def test_progress_tells_a_silent_watcher_how_far_it_is(tasks, prefix):
    request = task_manager_pb2.WatchTasksRequest(
        filter=tagged(prefix), progress_interval=duration_pb2.Duration(nanos=200_000_000)
    )
    with Watch(tasks.WatchTasks(request)) as watch:
        other = tasks.CreateTask(task_manager_pb2.CreateTaskRequest(title="not watched")).task
        while True:
            event = watch.next()
            assert event.event_type == PROGRESS and not event.HasField("task")
            if event.revision >= other.revision:
                break


def test_nothing_comes_unasked(tasks, prefix):
    with Watch(tasks.WatchTasks(task_manager_pb2.WatchTasksRequest(filter=tagged(prefix)))) as watch:
        tasks.CreateTask(task_manager_pb2.CreateTaskRequest(title="not watched"))
        with pytest.raises(queue.Empty):
            watch.next(within=0.5)


def test_a_revision_of_the_future_is_out_of_range(inventory, tasks):
    with rejected(grpc.StatusCode.OUT_OF_RANGE, "REVISION_AHEAD"):
        next(tasks.WatchTasks(task_manager_pb2.WatchTasksRequest(since_revision=1 << 40)))
    with rejected(grpc.StatusCode.OUT_OF_RANGE, "REVISION_AHEAD"):
        next(inventory.WatchItems(inventory_pb2.WatchItemsRequest(since_revision=1 << 40)))


def test_snapshot_and_resume_exclude_each_other(inventory):
    request = inventory_pb2.WatchItemsRequest(since_revision=1, snapshot=True)
    with rejected(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST"):
        next(inventory.WatchItems(request))


def test_twenty_watchers_all_see_the_same(tasks, prefix):
    request = task_manager_pb2.WatchTasksRequest(filter=tagged(prefix))
    watches = [Watch(tasks.WatchTasks(request)) for _ in range(20)]
    try:
        live_one_life(tasks, prefix)
        seen = [watch.take(3) for watch in watches]
    finally:
        for watch in watches:
            watch.call.cancel()
    assert all(events == seen[0] for events in seen)
