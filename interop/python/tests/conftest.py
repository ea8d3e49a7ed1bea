"""What every test needs: a channel to the server of --server, stubs, names that no other test uses.

--lane grpc-js leaves out the tests marked `native`. With --report FILE the outcome of each test is written there as a
line of JSON while the tests run.
"""

import json
import uuid
from pathlib import Path

import grpc
import pytest

from contract import inventory_pb2_grpc, task_manager_pb2_grpc

# No call of a test waits for longer than this.
SERVICE_CONFIG = json.dumps({"methodConfig": [{"name": [{}], "timeout": "20s"}]})


def pytest_addoption(parser):
    parser.addoption("--server", default="127.0.0.1:50051", help="HOST:PORT of the Steward server to test")
    parser.addoption("--lane", default="native", choices=["native", "grpc-js"], help="the --transport of that server")
    parser.addoption("--report", help="write the outcome of each test to this file, as lines of JSON")


def pytest_configure(config):
    path = config.getoption("--report")
    if path:
        config.pluginmanager.register(Reporter(Path(path)))


def pytest_collection_modifyitems(config, items):
    if config.getoption("--lane") == "native":
        return
    left_out = [item for item in items if item.get_closest_marker("native")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


class Reporter:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._path.write_text("")

    def pytest_runtest_logreport(self, report):
        # A test has three phases; the outer ones only count when they do not pass.
        if report.when == "call" or report.outcome != "passed":
            module, _, name = report.nodeid.partition("::")
            line = {"module": Path(module).stem, "name": name, "outcome": report.outcome, "detail": report.longreprtext}
            with self._path.open("a") as file:
                file.write(json.dumps(line) + "\n")


@pytest.fixture(scope="session")
def address(request):
    return request.config.getoption("--server")


@pytest.fixture(scope="session")
def lane(request):
    return request.config.getoption("--lane")


@pytest.fixture(scope="session")
def channel(address):
    with grpc.insecure_channel(address, [("grpc.service_config", SERVICE_CONFIG)]) as channel:
        grpc.channel_ready_future(channel).result(timeout=10)
        yield channel


@pytest.fixture(scope="session")
def inventory(channel):
    return inventory_pb2_grpc.InventoryStub(channel)


@pytest.fixture(scope="session")
def tasks(channel):
    return task_manager_pb2_grpc.TaskManagerStub(channel)


@pytest.fixture
def prefix():
    """Begins the names of a test, so that tests neither meet each other nor an earlier run."""
    return f"{uuid.uuid4().hex[:12]} "
