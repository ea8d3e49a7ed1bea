"""The calls of TaskManager."""

import re

import grpc
from google.protobuf import field_mask_pb2, timestamp_pb2
from support import rejected

from contract import inventory_pb2
from contract import task_manager_pb2 as pb


def test_a_task_is_created_read_updated_and_deleted(tasks, prefix):
    created = tasks.CreateTask(pb.CreateTaskRequest(title=f"{prefix}Fix the lathe", description="It hums.")).task
    assert (created.title, created.description) == (f"{prefix}Fix the lathe", "It hums.")
    assert created.status == pb.TASK_STATUS_TODO
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", created.id)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", created.created_at)
    assert tasks.GetTask(pb.GetTaskRequest(id=created.id)).task == created
    updated = tasks.UpdateTask(pb.UpdateTaskRequest(id=created.id, status=pb.TASK_STATUS_IN_PROGRESS)).task
    assert (updated.title, updated.description) == (created.title, created.description)
    assert updated.status == pb.TASK_STATUS_IN_PROGRESS
    assert updated.updated_at >= created.updated_at and updated.created_at == created.created_at
    assert tasks.DeleteTask(pb.DeleteTaskRequest(id=created.id)).task == updated
    with rejected(grpc.StatusCode.NOT_FOUND, "TASK_NOT_FOUND"):
        tasks.GetTask(pb.GetTaskRequest(id=created.id))


def test_a_missing_task_is_not_found_in_every_method(tasks):
    missing = "00000000-0000-4000-8000-000000000000"
    calls = [
        lambda: tasks.GetTask(pb.GetTaskRequest(id=missing)),
        lambda: tasks.UpdateTask(pb.UpdateTaskRequest(id=missing, title="x")),
        lambda: tasks.DeleteTask(pb.DeleteTaskRequest(id=missing)),
    ]
    for call in calls:
        with rejected(grpc.StatusCode.NOT_FOUND, "TASK_NOT_FOUND") as rejection:
            call()
        assert rejection.message == f"Task '{missing}' not found"
        assert rejection.details["ResourceInfo"].resource_name == missing


def test_a_title_is_required(tasks):
    with rejected(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST") as rejection:
        tasks.CreateTask(pb.CreateTaskRequest(description="no title"))
    assert rejection.message == "Title is required"
    (violation,) = rejection.details["BadRequest"].field_violations
    assert (violation.field, violation.description) == ("title", "Title is required")


def test_an_empty_field_is_no_change_unless_the_mask_names_it(tasks, prefix):
    created = tasks.CreateTask(pb.CreateTaskRequest(title=f"{prefix}Sweep", description="Hall 2", tags=["daily"])).task
    kept = tasks.UpdateTask(pb.UpdateTaskRequest(id=created.id, title=f"{prefix}Sweep and mop")).task
    assert (kept.description, list(kept.tags)) == ("Hall 2", ["daily"])
    mask = field_mask_pb2.FieldMask(paths=["description", "tags"])
    cleared = tasks.UpdateTask(pb.UpdateTaskRequest(id=created.id, update_mask=mask)).task
    assert (cleared.title, cleared.description, list(cleared.tags)) == (f"{prefix}Sweep and mop", "", [])


def test_the_assignee_is_one_of_two_and_can_be_taken_away(tasks, prefix):
    due = timestamp_pb2.Timestamp(seconds=1_800_000_000, nanos=500_000_000)
    created = tasks.CreateTask(pb.CreateTaskRequest(title=f"{prefix}Paint", user_id=7, due_at=due)).task
    assert (created.WhichOneof("assignee"), created.user_id, created.due_at) == ("user_id", 7, due)
    moved = tasks.UpdateTask(pb.UpdateTaskRequest(id=created.id, team="painters")).task
    assert (moved.WhichOneof("assignee"), moved.team) == ("team", "painters")
    mask = field_mask_pb2.FieldMask(paths=["assignee", "due_at"])
    nobody = tasks.UpdateTask(pb.UpdateTaskRequest(id=created.id, update_mask=mask)).task
    assert nobody.WhichOneof("assignee") is None and not nobody.HasField("due_at")


def test_finishing_a_task_takes_its_materials_and_reopening_returns_them(inventory, tasks, prefix):
    bolt = f"{prefix}bolt"
    inventory.AddItem(inventory_pb2.AddItemRequest(name=bolt, quantity=10))
    materials = [pb.Material(item=bolt, quantity=4)]
    task = tasks.CreateTask(pb.CreateTaskRequest(title=f"{prefix}Mount", materials=materials)).task
    quantity = lambda: inventory.GetItem(inventory_pb2.GetItemRequest(name=bolt)).quantity  # noqa: E731
    done = tasks.UpdateTask(pb.UpdateTaskRequest(id=task.id, status=pb.TASK_STATUS_DONE)).task
    assert (done.status, quantity()) == (pb.TASK_STATUS_DONE, 6)
    ledger = inventory.ListMovements(inventory_pb2.ListMovementsRequest(name=bolt, page_size=1)).movements[0]
    assert (ledger.delta, ledger.task_id, ledger.reason) == (-4, task.id, "task done")
    tasks.UpdateTask(pb.UpdateTaskRequest(id=task.id, status=pb.TASK_STATUS_TODO))
    assert quantity() == 10


def test_a_task_whose_materials_are_short_is_not_finished(inventory, tasks, prefix):
    inventory.AddItem(inventory_pb2.AddItemRequest(name=f"{prefix}bolt", quantity=3))
    inventory.AddItem(inventory_pb2.AddItemRequest(name=f"{prefix}nut", quantity=9))
    materials = [pb.Material(item=f"{prefix}{item}", quantity=4) for item in ("bolt", "nut", "washer")]
    task = tasks.CreateTask(pb.CreateTaskRequest(title=f"{prefix}Mount", materials=materials)).task
    with rejected(grpc.StatusCode.FAILED_PRECONDITION, "STOCK_SHORT") as rejection:
        tasks.UpdateTask(pb.UpdateTaskRequest(id=task.id, status=pb.TASK_STATUS_DONE))
    subjects = [violation.subject for violation in rejection.details["PreconditionFailure"].violations]
    assert subjects == [f"{prefix}bolt", f"{prefix}washer"]
    assert tasks.GetTask(pb.GetTaskRequest(id=task.id)).task == task
    assert inventory.GetItem(inventory_pb2.GetItemRequest(name=f"{prefix}nut")).quantity == 9


def test_the_same_request_id_creates_one_task(tasks, prefix):
    request = pb.CreateTaskRequest(title=f"{prefix}Once", request_id=f"{prefix}1")
    first = tasks.CreateTask(request).task
    assert tasks.CreateTask(request).task == first
    listed = tasks.ListTasks(pb.ListTasksRequest(filter=f'title = "{prefix}Once"')).tasks
    assert [task.id for task in listed] == [first.id]


def test_a_stale_etag_is_aborted(tasks, prefix):
    task = tasks.CreateTask(pb.CreateTaskRequest(title=f"{prefix}Raced")).task
    tasks.UpdateTask(pb.UpdateTaskRequest(id=task.id, description="first", etag=task.etag))
    with rejected(grpc.StatusCode.ABORTED, "ETAG_MISMATCH"):
        tasks.UpdateTask(pb.UpdateTaskRequest(id=task.id, description="second", etag=task.etag))


def test_the_list_pages_in_the_order_asked_for(tasks, prefix):
    tag = prefix.strip()
    for number in range(7):
        tasks.CreateTask(pb.CreateTaskRequest(title=f"{prefix}{number}", tags=[tag]))
    titles, token = [], ""
    while True:
        request = pb.ListTasksRequest(page_size=3, page_token=token, filter=f"tags:{tag}", order_by="title desc")
        page = tasks.ListTasks(request)
        assert len(page.tasks) <= 3
        titles += [task.title for task in page.tasks]
        token = page.next_page_token
        if not token:
            break
    assert titles == [f"{prefix}{number}" for number in reversed(range(7))]


def test_a_page_token_of_another_list_is_refused(tasks, prefix):
    for _ in range(2):
        tasks.CreateTask(pb.CreateTaskRequest(title=f"{prefix}twin"))
    token = tasks.ListTasks(pb.ListTasksRequest(page_size=1)).next_page_token
    with rejected(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST") as rejection:
        tasks.ListTasks(pb.ListTasksRequest(page_size=1, page_token=token, order_by="title"))
    assert rejection.details["BadRequest"].field_violations[0].field == "page_token"
