"""The calls of Inventory."""

from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.protobuf import field_mask_pb2
from support import rejected

from contract import inventory_pb2 as pb


def test_an_added_item_is_created_and_read_back_exactly(inventory, prefix):
    name = f"{prefix}Widget"
    request = pb.AddItemRequest(
        name=name,
        quantity=100,
        price=9.99,
        location="Shelf B3",
        tags=["steel", "small"],
        reorder_level=5,
        attributes={"thread": "M6"},
    )
    added = inventory.AddItem(request)
    assert (added.name, added.status) == (name, "created")
    read = inventory.GetItem(pb.GetItemRequest(name=name))
    assert (read.name, read.quantity, read.price) == (name, 100, 9.99)
    assert (read.location, list(read.tags), read.reorder_level) == ("Shelf B3", ["steel", "small"], 5)
    assert dict(read.attributes) == {"thread": "M6"}
    assert read.revision > 0 and read.etag
    assert read.created_at == read.updated_at and read.created_at.seconds > 1_700_000_000
    assert pb.Item.FromString(read.SerializeToString()) == added.item


def test_a_duplicate_is_already_exists_and_names_the_item(inventory, prefix):
    name = f"{prefix}Widget"
    inventory.AddItem(pb.AddItemRequest(name=name, quantity=1))
    with rejected(grpc.StatusCode.ALREADY_EXISTS, "ITEM_EXISTS") as rejection:
        inventory.AddItem(pb.AddItemRequest(name=name, quantity=2))
    assert rejection.message == f"item '{name}' already exists"
    resource = rejection.details["ResourceInfo"]
    assert (resource.resource_type, resource.resource_name) == ("inventory.Item", name)
    assert inventory.GetItem(pb.GetItemRequest(name=name)).quantity == 1


def test_a_missing_item_is_not_found_and_its_name_arrives_whole(inventory, prefix):
    name = f"{prefix}Schräubchen 100% ⚙ 🔩"
    with rejected(grpc.StatusCode.NOT_FOUND, "ITEM_NOT_FOUND") as rejection:
        inventory.GetItem(pb.GetItemRequest(name=name))
    assert rejection.message == f"item '{name}' not found"
    assert rejection.details["ErrorInfo"].metadata["name"] == name
    assert rejection.details["ResourceInfo"].resource_name == name


def test_every_broken_field_is_reported_at_once(inventory):
    request = pb.AddItemRequest(name="", quantity=-1, price=float("nan"), tags=["a", "a"], request_id="x" * 101)
    with rejected(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST") as rejection:
        inventory.AddItem(request)
    violations = rejection.details["BadRequest"].field_violations
    assert {(violation.field, violation.reason) for violation in violations} == {
        ("name", "REQUIRED"),
        ("quantity", "OUT_OF_RANGE"),
        ("price", "NOT_FINITE"),
        ("tags[1]", "DUPLICATE"),
        ("request_id", "TOO_LONG"),
    }
    assert all(violation.description for violation in violations)


@pytest.mark.parametrize("price", [0.0, 0.000001, 0.1, 19.999999, 9007199254.0])
def test_prices_come_back_as_they_were_sent(inventory, prefix, price):
    inventory.AddItem(pb.AddItemRequest(name=f"{prefix}priced", price=price))
    assert inventory.GetItem(pb.GetItemRequest(name=f"{prefix}priced")).price == price


def test_the_list_streams_in_order_of_code_points(inventory, prefix):
    names = [f"{prefix}{end}" for end in ("b", "a", "Z", "é", "🔩", "10", "9", "\uffee")]
    for name in names:
        inventory.AddItem(pb.AddItemRequest(name=name))
    listed = [item.name for item in inventory.ListItems(pb.ListItemsRequest(prefix=prefix))]
    assert listed == sorted(names)


def test_the_list_takes_a_filter(inventory, prefix):
    for quantity in (3, 30):
        inventory.AddItem(pb.AddItemRequest(name=f"{prefix}{quantity}", quantity=quantity, tags=["fastener"]))
    inventory.AddItem(pb.AddItemRequest(name=f"{prefix}other", quantity=3))
    request = pb.ListItemsRequest(prefix=prefix, filter="quantity < 10 AND tags:fastener")
    assert [item.name for item in inventory.ListItems(request)] == [f"{prefix}3"]


def test_a_wrong_filter_is_refused_with_its_field(inventory):
    with rejected(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST") as rejection:
        list(inventory.ListItems(pb.ListItemsRequest(filter="quantitty < 10")))
    (violation,) = rejection.details["BadRequest"].field_violations
    assert (violation.field, violation.reason) == ("filter", "INVALID_FILTER")
    assert "quantitty" in violation.description


def test_an_update_sets_what_the_mask_names(inventory, prefix):
    name = f"{prefix}Widget"
    inventory.AddItem(pb.AddItemRequest(name=name, quantity=10, price=2.5, location="Shelf A1"))
    request = pb.UpdateItemRequest(
        item=pb.Item(name=name, price=3.5, quantity=99),
        update_mask=field_mask_pb2.FieldMask(paths=["price", "location"]),
    )
    item = inventory.UpdateItem(request).item
    assert (item.price, item.location, item.quantity) == (3.5, "", 10)


def test_a_stale_etag_is_aborted(inventory, prefix):
    name = f"{prefix}Widget"
    first = inventory.AddItem(pb.AddItemRequest(name=name, quantity=10)).item
    second = inventory.AdjustStock(pb.AdjustStockRequest(name=name, delta=1, etag=first.etag)).item
    with rejected(grpc.StatusCode.ABORTED, "ETAG_MISMATCH"):
        inventory.AdjustStock(pb.AdjustStockRequest(name=name, delta=1, etag=first.etag))
    assert second.revision > first.revision
    removed = inventory.RemoveItem(pb.RemoveItemRequest(name=name, etag=second.etag)).item
    assert removed.quantity == 11


def test_stock_does_not_go_below_zero(inventory, prefix):
    name = f"{prefix}Widget"
    inventory.AddItem(pb.AddItemRequest(name=name, quantity=2))
    with rejected(grpc.StatusCode.FAILED_PRECONDITION, "STOCK_SHORT") as rejection:
        inventory.AdjustStock(pb.AdjustStockRequest(name=name, delta=-3))
    (violation,) = rejection.details["PreconditionFailure"].violations
    assert (violation.type, violation.subject) == ("STOCK_SHORT", name)
    assert inventory.GetItem(pb.GetItemRequest(name=name)).quantity == 2


def test_the_ledger_pages_from_the_newest_movement(inventory, prefix):
    name = f"{prefix}Widget"
    inventory.AddItem(pb.AddItemRequest(name=name, quantity=10))
    for delta in (5, -2, -1):
        inventory.AdjustStock(pb.AdjustStockRequest(name=name, delta=delta, reason="count", reference="order 7"))
    first = inventory.ListMovements(pb.ListMovementsRequest(name=name, page_size=3))
    request = pb.ListMovementsRequest(name=name, page_size=3, page_token=first.next_page_token)
    second = inventory.ListMovements(request)
    movements = [*first.movements, *second.movements]
    assert [(one.delta, one.quantity) for one in movements] == [(-1, 12), (-2, 13), (5, 15), (10, 10)]
    assert movements[-1].reason == "added" and movements[0].reference == "order 7"
    assert second.next_page_token == ""


def test_a_mangled_page_token_is_refused(inventory):
    with rejected(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST") as rejection:
        inventory.ListMovements(pb.ListMovementsRequest(page_token="nonsense"))
    (violation,) = rejection.details["BadRequest"].field_violations
    assert violation.field == "page_token"


def test_the_same_request_id_changes_things_once(inventory, prefix):
    name = f"{prefix}Widget"
    inventory.AddItem(pb.AddItemRequest(name=name, quantity=10))
    request = pb.AdjustStockRequest(name=name, delta=-1, request_id=f"{prefix}take one")
    first = inventory.AdjustStock(request)
    assert inventory.AdjustStock(request) == first
    assert inventory.GetItem(pb.GetItemRequest(name=name)).quantity == 9
    with rejected(grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED"):
        inventory.AdjustStock(pb.AdjustStockRequest(name=name, delta=-2, request_id=request.request_id))


def test_changes_of_many_threads_all_count(inventory, prefix):
    name = f"{prefix}Widget"
    inventory.AddItem(pb.AddItemRequest(name=name))
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(inventory.AdjustStock, pb.AdjustStockRequest(name=name, delta=1)) for _ in range(200)]
        revisions = {call.result().item.revision for call in calls}
    assert len(revisions) == 200
    assert inventory.GetItem(pb.GetItemRequest(name=name)).quantity == 200


def test_an_import_reports_each_bad_row_and_keeps_the_good_ones(inventory, prefix):
    inventory.AddItem(pb.AddItemRequest(name=f"{prefix}there"))

    def requests():
        yield pb.ImportItemsRequest(options=pb.ImportOptions(mode=pb.IMPORT_MODE_CREATE))
        rows = [
            pb.ImportRow(line=2, item=pb.Item(name=f"{prefix}one", quantity=1)),
            pb.ImportRow(line=3, item=pb.Item(name=f"{prefix}bad", quantity=-1)),
            pb.ImportRow(line=4, item=pb.Item(name=f"{prefix}there")),
            pb.ImportRow(line=5, item=pb.Item(name=f"{prefix}two", quantity=2)),
        ]
        yield pb.ImportItemsRequest(rows=rows[:3])
        yield pb.ImportItemsRequest(rows=rows[3:])

    summary = inventory.ImportItems(requests())
    assert (summary.created, summary.failed, summary.stopped) == (2, 2, False)
    assert [(outcome.line, outcome.reason) for outcome in summary.outcomes] == [
        (3, "INVALID_REQUEST"),
        (4, "ITEM_EXISTS"),
    ]
    assert summary.revision > 0
    assert inventory.GetItem(pb.GetItemRequest(name=f"{prefix}two")).quantity == 2


def test_an_import_of_thousands_of_rows_is_listed_whole(inventory, prefix):
    names = [f"{prefix}{number:05}" for number in range(5000)]

    def requests():
        for start in range(0, len(names), 250):
            rows = [pb.ImportRow(item=pb.Item(name=name, quantity=1)) for name in names[start : start + 250]]
            yield pb.ImportItemsRequest(rows=rows)

    summary = inventory.ImportItems(requests())
    assert (summary.created, summary.failed) == (5000, 0)
    assert [item.name for item in inventory.ListItems(pb.ListItemsRequest(prefix=prefix))] == names


def test_options_after_a_row_end_the_import_with_an_error(inventory, prefix):
    requests = [
        pb.ImportItemsRequest(rows=[pb.ImportRow(item=pb.Item(name=f"{prefix}one"))]),
        pb.ImportItemsRequest(options=pb.ImportOptions(dry_run=True)),
    ]
    with rejected(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST") as rejection:
        inventory.ImportItems(iter(requests))
    (violation,) = rejection.details["BadRequest"].field_violations
    assert (violation.field, violation.reason) == ("options", "MISPLACED")
