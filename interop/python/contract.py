"""The Python code of the contract, made by grpcio-tools from proto/ in a temporary folder whenever this is imported."""

import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc

PROTO = Path(__file__).resolve().parents[2] / "proto"


def generate(folder: Path) -> None:
    """Generates messages and stubs of the services.

    google/rpc and grpc/ are left out: googleapis-common-protos and the packages of grpcio bring these, and a process
    can hold a proto file of one name only once.
    """
    names = sorted(path.name for path in PROTO.glob("*.proto"))
    includes = [f"-I{PROTO}", f"-I{files('grpc_tools') / '_proto'}"]
    outputs = [f"--python_out={folder}", f"--grpc_python_out={folder}"]
    if protoc.main(["protoc", *includes, *outputs, *names]) != 0:
        raise RuntimeError(f"protoc failed on {', '.join(names)} in {PROTO}")


# The modules stay importable under their own names: once loaded, they need no files.
with tempfile.TemporaryDirectory(prefix="steward-contract-") as _folder:
    generate(Path(_folder))
    sys.path.insert(0, _folder)
    import inventory_pb2
    import inventory_pb2_grpc
    import task_manager_pb2
    import task_manager_pb2_grpc

    sys.path.remove(_folder)

__all__ = ["PROTO", "generate", "inventory_pb2", "inventory_pb2_grpc", "task_manager_pb2", "task_manager_pb2_grpc"]
