"""Our .proto files against those that the containerd on this machine was built with."""

import importlib
import re
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

import faasd.node.adapters.containerd as adapter
from tests.node.containerd.wire import embedded_files

SOURCES = Path(adapter.__file__).parent
NAMES = sorted(path.stem for path in (SOURCES / "protos").glob("*.proto"))
_METHOD = re.compile(r'"(\w+\.v1)\.(\w+)/(\w+)"')


def ours(name: str) -> FileDescriptorProto:
    module = importlib.import_module(f"{adapter.__name__}.protos.{name}_pb2")
    file = FileDescriptorProto()
    module.DESCRIPTOR.CopyToProto(file)
    return file


def fields(prefix: str, messages: list[DescriptorProto]) -> dict[str, tuple[object, ...]]:
    """Return number, type, label and the type's name of each field by its full name."""
    found: dict[str, tuple[object, ...]] = {}
    for message in messages:
        name = f"{prefix}.{message.name}"
        found |= {f"{name}.{field.name}": wire_form(field) for field in message.field}
        found |= fields(name, list(message.nested_type))
    return found


def wire_form(field: FieldDescriptorProto) -> tuple[object, ...]:
    return field.number, field.type, field.label, field.type_name


def values(file: FileDescriptorProto) -> dict[str, int]:
    """Return the numbers of enumerations."""
    enums = file.enum_type
    return {f"{file.package}.{e.name}.{v.name}": v.number for e in enums for v in e.value}


def methods(file: FileDescriptorProto) -> dict[str, tuple[object, ...]]:
    """Return what each method takes and gives."""
    return {
        f"{file.package}.{service.name}/{method.name}": (
            method.input_type,
            method.output_type,
            method.client_streaming,
            method.server_streaming,
        )
        for service in file.service
        for method in service.method
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_containerd_s(name: str) -> None:
    real: dict[str, tuple[object, ...]] = {}
    for file in embedded_files():
        real |= fields(file.package, list(file.message_type))

    mine = fields(ours(name).package, list(ours(name).message_type))

    assert mine
    assert {key: real.get(key) for key in mine} == mine


@pytest.mark.parametrize("name", NAMES)
def test_every_enumeration_and_method_is_containerd_s(name: str) -> None:
    numbers: dict[str, int] = {}
    calls: dict[str, tuple[object, ...]] = {}
    for file in embedded_files():
        numbers |= values(file)
        calls |= methods(file)
    mine = ours(name)

    assert {key: numbers.get(key) for key in values(mine)} == values(mine)
    assert {key: calls.get(key) for key in methods(mine)} == methods(mine)


def test_every_method_that_is_called_is_named_in_our_protos() -> None:
    named: set[str] = set().union(*(methods(ours(name)) for name in NAMES))

    called = {
        f"containerd.services.{service}.{group}/{method}"
        for path in SOURCES.glob("*.py")
        for service, group, method in _METHOD.findall(path.read_text())
    }

    assert called == named
