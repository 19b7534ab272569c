"""A stand-in for DigitalOcean's provider: it has its schema, and does nothing.

The schema (`digitalocean.json`) is written down from the provider's published source; the provider
itself is not to be had where these tests run. Terraform checks the configuration against it, and
mocks all else (`mock_provider`).

Terraform speaks to providers by gRPC, protocol 5. The few messages are encoded by hand: a field is
its number, its kind and its bytes (protobuf's wire format).
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import grpc

from tests.machine.processes import wait_until
from tests.terraform.place import TOP

ADDRESS = "registry.terraform.io/digitalocean/digitalocean"
_SCHEMA = Path(__file__).with_name("digitalocean.json")
_WORDS = {"required": 4, "optional": 5, "computed": 6}
_SET = 3
Handler = Callable[[bytes, grpc.ServicerContext], bytes]


@contextmanager
def run_standin(work: Path) -> Iterator[Mapping[str, str]]:
    """Serve it on a socket below `work`; yield the environment that leads Terraform to it."""
    socket = work / "provider.sock"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.terraform.standin", str(socket)],
        cwd=TOP,
        env={**os.environ, "PYTHONPATH": f"{TOP}/distro:{TOP}"},
    )
    try:
        wait_until(socket.exists, 60, f"the stand-in's socket {socket}")
        yield {"TF_REATTACH_PROVIDERS": json.dumps({ADDRESS: _reattach(socket, process.pid)})}
    finally:
        process.kill()
        process.wait()


def serve(socket: Path) -> None:
    """Serve until killed."""
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    server.add_generic_rpc_handlers([_handlers()])
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    server.wait_for_termination()


def _reattach(socket: Path, pid: int) -> Mapping[str, object]:
    return {
        "Protocol": "grpc",
        "ProtocolVersion": 5,
        "Pid": pid,
        "Test": True,
        "Addr": {"Network": "unix", "String": str(socket)},
    }


def _handlers() -> "grpc.GenericRpcHandler[bytes, bytes]":
    schema = _schema_answer(cast("Mapping[str, Any]", json.loads(_SCHEMA.read_text())))

    def nothing(_request: bytes, _context: grpc.ServicerContext) -> bytes:
        return b""

    def give_schema(_request: bytes, _context: grpc.ServicerContext) -> bytes:
        return schema

    def echo(request: bytes, _context: grpc.ServicerContext) -> bytes:
        return request  # the prepared configuration has the number that the given one had

    methods: dict[str, Handler] = {
        "GetSchema": give_schema,
        "PrepareProviderConfig": echo,
        "Configure": nothing,
        "ValidateResourceTypeConfig": nothing,
        "ValidateDataSourceConfig": nothing,
        "Stop": nothing,
    }
    return grpc.method_handlers_generic_handler(
        "tfplugin5.Provider",
        {name: grpc.unary_unary_rpc_method_handler(one) for name, one in methods.items()},
    )


def _schema_answer(schema: Mapping[str, Any]) -> bytes:
    provider = _bytes(1, _bytes(2, _block(schema["provider"])))
    resources = [
        _bytes(2, _bytes(1, name.encode()) + _bytes(2, _bytes(2, _block(block))))
        for name, block in schema.items()
        if name != "provider"
    ]
    return provider + b"".join(resources)


def _block(block: Mapping[str, Any]) -> bytes:
    return b"".join(
        _nested(name, one) if isinstance(one, dict) else _attribute(name, *one)
        for name, one in block.items()
    )


def _attribute(name: str, kind: object, words: str) -> bytes:
    flags = b"".join(_number(_WORDS[word], 1) for word in words.split())
    typed = _bytes(2, json.dumps(kind).encode())
    return _bytes(2, _bytes(1, name.encode()) + typed + flags)


def _nested(name: str, block: Mapping[str, Any]) -> bytes:
    inside = _bytes(1, name.encode()) + _bytes(2, _block(block)) + _number(3, _SET)
    return _bytes(3, inside)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
