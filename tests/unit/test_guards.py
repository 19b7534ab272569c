"""The guards of every test see what they must see."""

import socket
import threading

import pytest

from tests.guards.leaks import Leftovers
from tests.guards.network import OutsideNetwork


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.invalid"])
def test_reaching_for_another_machine_fails_the_test(host: str) -> None:
    with pytest.raises(OutsideNetwork):
        socket.create_connection((host, 80), timeout=0.1)


def test_loopback_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()


def test_a_thread_left_running_is_seen_by_its_name() -> None:
    before = Leftovers.now()
    done = threading.Event()
    thread = threading.Thread(target=done.wait, name="forgotten")
    thread.start()

    left = Leftovers.now() - before
    done.set()
    thread.join()

    assert left == {"thread forgotten"}
