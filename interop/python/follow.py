"""Follows the inventory of a Steward server: what there is, then every change, over restarts of the server.

    python follow.py [HOST:PORT]

prints one line of JSON for every step: the revision and the events that lead to it.
"""

import json
import sys
import time

import grpc

from contract import inventory_pb2, inventory_pb2_grpc


def follow_items(inventory):
    """Yields (revision, events): first all items there are, then every change, each exactly once, for ever."""
    revision = 0
    while True:
        request = inventory_pb2.WatchItemsRequest(since_revision=revision, snapshot=revision == 0)
        events = []
        try:
            for message in inventory.WatchItems(request, wait_for_ready=True):
                events += message.events
                # Without a revision more of the same step follows; what breaks off in its middle comes again.
                if message.revision:
                    revision = message.revision
                    yield revision, events
                    events = []
        except grpc.RpcError as error:
            if error.code() == grpc.StatusCode.OUT_OF_RANGE:
                revision = 0  # Away for too long: those changes are no longer kept.
            elif error.code() != grpc.StatusCode.UNAVAILABLE:
                raise
        time.sleep(0.2)


def main(address: str) -> None:
    # Reconnects after 0.2 s to 2 s, and notices within 15 s that the server's machine is gone.
    options = [
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 2000),
        ("grpc.keepalive_time_ms", 10_000),
        ("grpc.keepalive_timeout_ms", 5000),
    ]
    with grpc.insecure_channel(address, options) as channel:
        for revision, events in follow_items(inventory_pb2_grpc.InventoryStub(channel)):
            shown = [
                [inventory_pb2.ItemEventType.Name(event.event_type), event.item.name, event.item.quantity]
                for event in events
            ]
            print(json.dumps({"revision": revision, "events": shown}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "localhost:50051")
