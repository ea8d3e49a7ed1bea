"""Looking at failures and at streams."""

import queue
import threading
from contextlib import contextmanager

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

_KINDS = (
    error_details_pb2.ErrorInfo,
    error_details_pb2.BadRequest,
    error_details_pb2.PreconditionFailure,
    error_details_pb2.ResourceInfo,
    error_details_pb2.RequestInfo,
    error_details_pb2.RetryInfo,
)


def details_of(error: grpc.RpcError) -> dict:
    """The details of a failed call, decoded, by the name of their type."""
    status = rpc_status.from_call(error)
    assert status is not None, "the status has no details"
    found = {}
    for packed in status.details:
        kind = next(kind for kind in _KINDS if packed.Is(kind.DESCRIPTOR))
        detail = kind()
        packed.Unpack(detail)
        found[kind.DESCRIPTOR.name] = detail
    return found


class Rejection:
    """How a call failed, once its block is over."""

    error: grpc.RpcError

    @property
    def message(self) -> str:
        return self.error.details()

    @property
    def details(self) -> dict:
        return details_of(self.error)


@contextmanager
def rejected(code: grpc.StatusCode, reason: str):
    """Expects that the call in its block fails with this code and this reason of Steward's catalogue."""
    rejection = Rejection()
    with pytest.raises(grpc.RpcError) as caught:
        yield rejection
    rejection.error = caught.value
    assert rejection.error.code() == code, rejection.error
    info = rejection.details["ErrorInfo"]
    assert (info.domain, info.reason) == ("steward", reason)


@contextmanager
def rejected_by_lane(lane: str, code: grpc.StatusCode, reason: str):
    """As rejected, for what is found wrong before a handler is called: grpc-js gives no details then."""
    if lane == "native":
        with rejected(code, reason) as rejection:
            yield rejection
        return
    with pytest.raises(grpc.RpcError) as caught:
        yield
    assert caught.value.code() == code, caught.value


class Watch:
    """Reads a stream in a thread, so that the test can change things meanwhile."""

    def __init__(self, call) -> None:
        self.call = call
        self._messages: queue.Queue = queue.Queue()
        # Returns once the server has answered headers, which says that the watch stands.
        call.initial_metadata()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            for message in self.call:
                self._messages.put(message)
        except grpc.RpcError:
            pass

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_) -> None:
        self.call.cancel()
        self._thread.join(timeout=10)
        assert not self._thread.is_alive(), "the stream goes on after it was cancelled"

    def next(self, within: float = 10):
        """The next message of the stream; queue.Empty when none comes in so many seconds."""
        return self._messages.get(timeout=within)

    def take(self, count: int) -> list:
        return [self.next() for _ in range(count)]
