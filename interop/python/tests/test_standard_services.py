"""Health and reflection, through the packages that grpcio has for them, and the standard messages."""

from importlib.resources import files

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_tools import protoc
from support import Watch, rejected

from contract import PROTO, inventory_pb2, task_manager_pb2

SERVED = {
    "inventory.Inventory",
    "taskmanager.TaskManager",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
}
SERVING = health_pb2.HealthCheckResponse.SERVING


@pytest.fixture(scope="session")
def health(channel):
    return health_pb2_grpc.HealthStub(channel)


def reflect(channel, version: str, **request):
    """One answer of the reflection service. Both versions have the same messages on the wire."""
    method = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    (response,) = method(iter([reflection_pb2.ServerReflectionRequest(**request)]))
    return response


@pytest.mark.parametrize("service", ["", *sorted(SERVED)])
def test_every_service_is_serving(health, service):
    assert health.Check(health_pb2.HealthCheckRequest(service=service)).status == SERVING


def test_an_unknown_service_has_no_health(health):
    with rejected(grpc.StatusCode.NOT_FOUND, "SERVICE_NOT_FOUND"):
        health.Check(health_pb2.HealthCheckRequest(service="nothing.Nothing"))


def test_health_lists_every_service(health):
    statuses = health.List(health_pb2.HealthListRequest()).statuses
    assert SERVED <= set(statuses)
    assert {status.status for status in statuses.values()} == {SERVING}


def test_a_health_watch_begins_with_the_present_status(health):
    with Watch(health.Watch(health_pb2.HealthCheckRequest(service="inventory.Inventory"))) as watch:
        assert watch.next().status == SERVING
    with Watch(health.Watch(health_pb2.HealthCheckRequest(service="nothing.Nothing"))) as watch:
        assert watch.next().status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_reflection_lists_the_services(channel, version):
    response = reflect(channel, version, list_services="")
    assert {service.name for service in response.list_services_response.service} == SERVED


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_reflection_answers_an_unknown_symbol_with_not_found(channel, version):
    response = reflect(channel, version, file_containing_symbol="nothing.Nothing")
    assert response.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
@pytest.mark.parametrize("module", [inventory_pb2, task_manager_pb2])
def test_reflection_serves_the_files_that_protoc_makes(channel, version, module):
    own = descriptor_pb2.FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)
    response = reflect(channel, version, file_containing_symbol=f"{own.package}.{own.service[0].name}")
    files = [
        descriptor_pb2.FileDescriptorProto.FromString(file)
        for file in response.file_descriptor_response.file_descriptor_proto
    ]
    (served,) = (file for file in files if file.name == own.name)
    for file in (own, served):
        forget_json_names(file.message_type)
    assert served.message_type == own.message_type
    assert served.enum_type == own.enum_type
    assert served.service == own.service
    assert set(served.dependency) == set(own.dependency)


def forget_json_names(messages) -> None:
    """A json_name that follows from the name may be there or not."""
    for message in messages:
        forget_json_names(message.nested_type)
        for field in message.field:
            field.ClearField("json_name")


def test_a_client_that_knows_no_proto_calls_through_reflection(channel, prefix):
    pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    service = pool.FindServiceByName("inventory.Inventory")
    method = service.FindMethodByName("AddItem")
    request = message_factory.GetMessageClass(method.input_type)(name=prefix + "x", quantity=3, price=1.25)
    call = channel.unary_unary(
        "/inventory.Inventory/AddItem",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
    )
    response = call(request)
    assert (response.status, response.item.price) == ("created", 1.25)


@pytest.mark.parametrize("module", [error_details_pb2, status_pb2, health_pb2, reflection_pb2])
def test_our_copies_of_standard_protos_agree_with_the_published_ones(tmp_path, module):
    """The fields of ours have the numbers, types and labels that the packages of grpcio know."""
    published = descriptor_pb2.FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)
    # The packages of grpcio name their files after themselves, ours are named after their package.
    path = f"{published.package.replace('.', '/')}/{published.name.rpartition('/')[2]}"
    out = tmp_path / "set"
    include = files("grpc_tools") / "_proto"
    assert protoc.main(["", f"-I{PROTO}", f"-I{include}", f"--descriptor_set_out={out}", path]) == 0
    (own,) = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file
    ours, theirs = fields_of(own.message_type, own.package), fields_of(published.message_type, published.package)
    assert ours and ours == {name: field for name, field in theirs.items() if name in ours}


def fields_of(messages, scope: str) -> dict:
    found = {}
    for message in messages:
        name = f"{scope}.{message.name}"
        for field in message.field:
            found[f"{name}.{field.name}"] = (field.number, field.type, field.label, field.type_name)
        found |= fields_of(message.nested_type, name)
    return found
