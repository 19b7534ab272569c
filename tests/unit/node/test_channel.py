"""The connection to containerd: patient with one that is slow, quick with one that comes back."""

import select
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Thread

import grpc

from faasd.base.errors import Unavailable
from faasd.node.adapters.containerd.channel import ANYWHERE, Channel
from faasd.node.adapters.containerd.protos.namespaces_pb2 import (
    ListNamespacesRequest,
    ListNamespacesResponse,
)
from tests.machine.processes import wait_until

SERVICE, METHOD = "namespaces.v1.Namespaces", "List"
SLOW = 1.0
"""Seconds that a busy small machine takes until containerd's first word."""


def answers(channel: Channel) -> bool:
    """Tell whether a call is answered."""
    request, answer = ListNamespacesRequest(), ListNamespacesResponse
    try:
        channel.call(f"{SERVICE}/{METHOD}", request, answer, ANYWHERE)
    except Unavailable:
        return False
    return True


@contextmanager
def serving(path: Path) -> Iterator[None]:
    """Answer calls on a socket, as containerd does."""
    with ThreadPoolExecutor(2) as pool:
        server = grpc.server(pool)
        methods = {METHOD: grpc.unary_unary_rpc_method_handler(lambda asked, _: asked)}
        handler = grpc.method_handlers_generic_handler(f"containerd.services.{SERVICE}", methods)
        server.add_generic_rpc_handlers((handler,))
        server.add_insecure_port(f"unix:{path}")
        server.start()
        try:
            yield
        finally:
            server.stop(0).wait(5)


@contextmanager
def slowly(path: Path, real: Path) -> Iterator[None]:
    """Take one connection, and pass it on to a server only after a while."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = Thread(target=pass_on, args=(listener, real), name="slow")
        thread.start()
        try:
            yield
        finally:
            thread.join(10)


def pass_on(listener: socket.socket, real: Path) -> None:
    with listener.accept()[0] as near, socket.socket(socket.AF_UNIX) as far, suppress(OSError):
        time.sleep(SLOW)
        far.connect(str(real))
        said = b"."
        while said:
            for one in select.select([near, far], [], [], 5)[0]:
                said = one.recv(65536)
                (far if one is near else near).sendall(said)


def test_a_containerd_that_is_slow_to_take_a_connection_is_waited_for(tmp_path: Path) -> None:
    real, slow = tmp_path / "real", tmp_path / "slow"
    with (
        serving(real),
        slowly(slow, real),
        closing(Channel(str(slow))) as channel,
    ):
        began = time.monotonic()
        assert answers(channel)
        assert time.monotonic() - began >= SLOW


def test_a_containerd_that_is_away_is_told_at_once(tmp_path: Path) -> None:
    with closing(Channel(str(tmp_path / "absent"))) as channel:
        began = time.monotonic()
        assert not answers(channel)
        assert time.monotonic() - began < SLOW


def test_a_containerd_that_comes_back_is_found_soon(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with closing(Channel(str(path))) as channel:
        with serving(path):
            assert answers(channel)
        assert not answers(channel)
        with serving(path):
            assert wait_until(lambda: answers(channel), 5, "answers") < 2 * SLOW
