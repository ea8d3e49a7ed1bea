"""README.md says what is so: its commands and its programs are run and their output is compared."""

import contextlib
import io
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

import grpc
import pytest

from contract import PROTO, inventory_pb2

FOLDER = Path(__file__).resolve().parents[1]
README = (FOLDER / "README.md").read_text()


def blocks() -> list[tuple[str, str]]:
    """The blocks of the page: language and text."""
    found = re.findall(r"^( *)```(\w+)\n(.*?)^ *```$", README, flags=re.M | re.S)
    return [(language, textwrap.dedent(text)) for _, language, text in found]


@pytest.fixture
def without_bearings(inventory):
    """The page begins with an item that a run before may have left."""
    with contextlib.suppress(grpc.RpcError):
        inventory.RemoveItem(inventory_pb2.RemoveItemRequest(name="Bearing 608"))


def test_the_programs_print_what_the_page_says(address, without_bearings):
    scope, printed, told = {}, [], []
    for language, text in blocks():
        if language == "text":
            told.append(text)
        if language != "python":
            continue
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(text.replace("localhost:50051", address), "README.md", "exec"), scope)
        if output.getvalue():
            printed.append(output.getvalue())
    assert printed == told
    assert len(told) == 4


def test_the_command_generates_modules_and_stubs(tmp_path):
    (command,) = re.findall(r"^python -m grpc_tools\.protoc .*$", README, flags=re.M)
    (tmp_path / "gen").mkdir()
    (tmp_path / "proto").symlink_to(PROTO)
    _, *arguments = shlex.split(command)
    subprocess.run([sys.executable, *arguments], cwd=tmp_path, check=True, timeout=60)
    made = sorted(path.name for path in (tmp_path / "gen").iterdir())
    for name in ("inventory", "task_manager"):
        assert {f"{name}_pb2.py", f"{name}_pb2.pyi", f"{name}_pb2_grpc.py"} <= set(made)


def test_the_page_and_follow_py_have_the_same_function():
    (shown,) = re.findall(r"^def follow_items.*?time\.sleep\(0\.2\)\n", README, flags=re.M | re.S)
    assert shown.replace("inv.", "inventory_pb2.") in (FOLDER / "follow.py").read_text()
