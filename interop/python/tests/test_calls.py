"""What every call has, whatever its method: metadata, deadlines, cancellation, compression, limits, bad bytes."""

import queue
import threading
import time
import uuid

import grpc
import pytest
from google.protobuf import duration_pb2
from grpc_health.v1 import health_pb2
from support import Watch, details_of, rejected, rejected_by_lane

from contract import inventory_pb2 as pb
from contract import inventory_pb2_grpc, task_manager_pb2


def raw(channel, path: str):
    """A unary method of bytes, as they are."""
    return channel.unary_unary(path, request_serializer=bytes, response_deserializer=bytes)


def test_the_callers_request_id_comes_back_in_the_details_of_an_error(inventory, prefix):
    given = f"python-{uuid.uuid4()}"
    with rejected(grpc.StatusCode.NOT_FOUND, "ITEM_NOT_FOUND") as rejection:
        inventory.GetItem(pb.GetItemRequest(name=prefix + "x"), metadata=[("x-request-id", given)])
    assert rejection.details["RequestInfo"].request_id == given


def test_without_a_request_id_every_call_gets_its_own(inventory, prefix):
    found = set()
    for _ in range(5):
        with rejected(grpc.StatusCode.NOT_FOUND, "ITEM_NOT_FOUND") as rejection:
            inventory.GetItem(pb.GetItemRequest(name=prefix + "x"))
        found.add(rejection.details["RequestInfo"].request_id)
    assert len(found) == 5 and all(found)


def test_the_details_also_travel_as_the_standard_trailer(inventory, prefix):
    with rejected(grpc.StatusCode.NOT_FOUND, "ITEM_NOT_FOUND") as rejection:
        inventory.GetItem(pb.GetItemRequest(name=prefix + "x"))
    trailers = {key: value for key, value in rejection.error.trailing_metadata()}
    assert isinstance(trailers["grpc-status-details-bin"], bytes)


def test_a_success_has_code_ok_and_no_details(inventory, prefix):
    _, call = inventory.AddItem.with_call(pb.AddItemRequest(name=prefix + "x"))
    assert call.code() == grpc.StatusCode.OK
    assert "grpc-status-details-bin" not in dict(call.trailing_metadata())


def test_binary_and_repeated_metadata_do_not_disturb_a_call(inventory, prefix):
    metadata = [("trace-bin", bytes(range(256))), ("label", "a"), ("label", "b"), ("spaced", "a  b")]
    inventory.AddItem(pb.AddItemRequest(name=prefix + "x"), metadata=metadata)


def test_a_watch_ends_at_its_deadline(tasks, prefix):
    began = time.monotonic()
    with pytest.raises(grpc.RpcError) as caught:
        next(tasks.WatchTasks(task_manager_pb2.WatchTasksRequest(filter=f'title = "{prefix}"'), timeout=0.5))
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert 0.4 < time.monotonic() - began < 5


# grpc-js waits with one setTimeout, which takes 24.8 days at most.
VERY_FAR = [pytest.param(86_400 * days, marks=pytest.mark.native) for days in (30, 3650)]


@pytest.mark.parametrize("seconds", [5, 3600, *VERY_FAR])
def test_a_far_deadline_does_not_end_a_call_at_once(inventory, prefix, seconds):
    inventory.AddItem(pb.AddItemRequest(name=prefix + "x"), timeout=seconds)


@pytest.mark.parametrize("seconds", [3600, *VERY_FAR])
def test_a_watch_with_a_far_deadline_stays_open(address, prefix, seconds):
    # Over a channel of its own, without the deadline that the service config of the tests sets.
    with grpc.insecure_channel(address) as channel:
        inventory = inventory_pb2_grpc.InventoryStub(channel)
        with Watch(inventory.WatchItems(pb.WatchItemsRequest(prefix=prefix), timeout=seconds)) as watch:
            inventory.AddItem(pb.AddItemRequest(name=prefix + "x"))
            assert watch.next().events[0].item.name == prefix + "x"


def test_a_cancelled_watch_ends_with_cancelled(tasks, prefix):
    call = tasks.WatchTasks(task_manager_pb2.WatchTasksRequest(filter=f'title = "{prefix}"'))
    call.initial_metadata()
    threading.Timer(0.1, call.cancel).start()
    with pytest.raises(grpc.RpcError) as caught:
        next(call)
    assert caught.value.code() == grpc.StatusCode.CANCELLED


def test_cancelled_watches_are_freed_on_the_server(tasks, prefix):
    """The suite runs with --max-watchers 32: more watches than that only open if the cancelled ones are gone."""
    for _ in range(100):
        open_watch(tasks, prefix).cancel()


def open_watch(tasks, prefix):
    """A watch that stands. The server may need a moment to notice that earlier ones were cancelled."""
    end = time.monotonic() + 5
    while True:
        call = tasks.WatchTasks(task_manager_pb2.WatchTasksRequest(filter=f'title = "{prefix}"'))
        call.initial_metadata()
        if call.is_active():
            return call
        assert call.code() == grpc.StatusCode.RESOURCE_EXHAUSTED and time.monotonic() < end, call.details()


def test_a_list_can_be_left_in_its_middle(inventory, prefix):
    rows = [pb.ImportRow(item=pb.Item(name=f"{prefix}{number:05}")) for number in range(3000)]
    inventory.ImportItems(iter([pb.ImportItemsRequest(rows=rows)]))
    for _ in range(20):
        call = inventory.ListItems(pb.ListItemsRequest(prefix=prefix))
        assert next(call).name == f"{prefix}00000"
        call.cancel()
    assert sum(1 for _ in inventory.ListItems(pb.ListItemsRequest(prefix=prefix))) == 3000


def test_a_cancelled_import_keeps_only_whole_rows(inventory, prefix):
    sent, leave = threading.Event(), threading.Event()

    def requests():
        yield pb.ImportItemsRequest(rows=[pb.ImportRow(item=pb.Item(name=prefix + "one", quantity=1))])
        sent.set()
        leave.wait(10)

    call = inventory.ImportItems.future(requests())
    assert sent.wait(10)
    call.cancel()
    leave.set()
    assert call.code() == grpc.StatusCode.CANCELLED
    for item in inventory.ListItems(pb.ListItemsRequest(prefix=prefix)):
        assert (item.name, item.quantity) == (prefix + "one", 1)


def test_a_request_compressed_with_gzip_is_read(inventory, prefix):
    request = pb.AddItemRequest(name=prefix + "x", attributes={"note": "long " * 190})
    assert inventory.AddItem(request, compression=grpc.Compression.Gzip).item.attributes["note"] == "long " * 190


@pytest.mark.native
def test_a_request_compressed_in_an_unknown_way_is_refused(inventory, prefix):
    request = pb.AddItemRequest(name=prefix + "x", attributes={"note": "long " * 190})
    with rejected(grpc.StatusCode.UNIMPLEMENTED, "UNKNOWN_ENCODING") as rejection:
        inventory.AddItem(request, compression=grpc.Compression.Deflate)
    assert "deflate" in rejection.message


def test_a_compressed_stream_is_read(inventory, prefix):
    rows = [pb.ImportRow(item=pb.Item(name=f"{prefix}{number:04}", location="Shelf A")) for number in range(1000)]
    requests = [pb.ImportItemsRequest(rows=rows[start : start + 100]) for start in range(0, 1000, 100)]
    assert inventory.ImportItems(iter(requests), compression=grpc.Compression.Gzip).created == 1000


def test_a_message_over_the_limit_is_refused_and_the_connection_goes_on(inventory, lane, prefix):
    rows = [pb.ImportRow(item=pb.Item(name=f"{prefix}{number}", location="x" * 200)) for number in range(25_000)]
    with rejected_by_lane(lane, grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE"):
        inventory.ImportItems(iter([pb.ImportItemsRequest(rows=rows)]))
    inventory.AddItem(pb.AddItemRequest(name=prefix + "after"))


def test_bytes_that_are_no_message_are_refused(channel):
    with rejected(grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_MESSAGE") as rejection:
        raw(channel, "/inventory.Inventory/AddItem")(b"\x0a\xff")
    assert "inventory.AddItemRequest" in rejection.message


def test_fields_of_a_newer_contract_are_passed_over(channel, prefix):
    # Field 1000, a string, is in no version of the contract.
    request = pb.AddItemRequest(name=prefix + "x").SerializeToString() + b"\xc2\x3e\x05newer"
    response = raw(channel, "/inventory.Inventory/AddItem")(request)
    assert pb.AddItemResponse.FromString(response).status == "created"


@pytest.mark.parametrize("path", ["/inventory.Inventory/Explode", "/nothing.Nothing/GetItem", "/inventory.Inventory"])
def test_an_unknown_method_is_unimplemented(channel, lane, path):
    with rejected_by_lane(lane, grpc.StatusCode.UNIMPLEMENTED, "UNKNOWN_METHOD"):
        raw(channel, path)(b"")


def test_two_requests_to_a_unary_method_are_refused(channel, lane, prefix):
    call = channel.stream_stream("/inventory.Inventory/AddItem", request_serializer=bytes, response_deserializer=bytes)
    request = pb.AddItemRequest(name=prefix + "x").SerializeToString()
    with rejected_by_lane(lane, grpc.StatusCode.UNIMPLEMENTED, "WRONG_MESSAGE_COUNT"):
        list(call(iter([request, request])))


def test_keepalive_pings_are_answered_while_a_watch_is_silent(address, prefix):
    options = [
        ("grpc.keepalive_time_ms", 100),
        ("grpc.keepalive_timeout_ms", 1000),
        ("grpc.http2.max_pings_without_data", 0),
    ]
    with grpc.insecure_channel(address, options) as channel:
        inventory = inventory_pb2_grpc.InventoryStub(channel)
        with Watch(inventory.WatchItems(pb.WatchItemsRequest(prefix=prefix), timeout=30)) as watch:
            with pytest.raises(queue.Empty):
                watch.next(within=3)
            inventory.AddItem(pb.AddItemRequest(name=prefix + "x"))
            assert watch.next().events[0].item.name == prefix + "x"


def test_a_thousand_calls_at_once_over_one_connection(inventory, prefix):
    inventory.AddItem(pb.AddItemRequest(name=prefix + "x", quantity=1))
    calls = [inventory.GetItem.future(pb.GetItemRequest(name=prefix + "x")) for _ in range(1000)]
    assert sum(call.result().quantity for call in calls) == 1000


def test_a_slow_reader_gets_a_long_list_whole(inventory, prefix):
    rows = [
        pb.ImportRow(item=pb.Item(name=f"{prefix}{number:05}", attributes={"note": "x" * 900}))
        for number in range(4000)
    ]
    requests = [pb.ImportItemsRequest(rows=rows[start : start + 500]) for start in range(0, 4000, 500)]
    assert inventory.ImportItems(iter(requests)).created == 4000
    names = []
    for item in inventory.ListItems(pb.ListItemsRequest(prefix=prefix)):
        names.append(item.name)
        if len(names) % 400 == 0:
            time.sleep(0.05)
    assert names == [row.item.name for row in rows]


def test_progress_of_a_watch_keeps_its_interval(inventory, prefix):
    request = pb.WatchItemsRequest(prefix=prefix, progress_interval=duration_pb2.Duration(nanos=200_000_000))
    with Watch(inventory.WatchItems(request)) as watch:
        watch.next()
        began = time.monotonic()
        watch.take(3)
        assert 0.4 < time.monotonic() - began < 5


def test_a_health_check_of_an_unknown_service_has_steward_details(channel):
    check = channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
        response_deserializer=health_pb2.HealthCheckResponse.FromString,
    )
    with pytest.raises(grpc.RpcError) as caught:
        check(health_pb2.HealthCheckRequest(service="nothing.Nothing"))
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
    assert details_of(caught.value)["ErrorInfo"].reason == "SERVICE_NOT_FOUND"
