"""How the gateway begins and ends."""

import socket
import threading
import time

import pytest

from faasd.base.errors import Unavailable
from tests.unit.gateway.running import RunningGateway
from tests.unit.gateway.twins import ScriptedProvider


def test_parts_begin_and_end_with_it(gateway: RunningGateway) -> None:
    assert gateway.activator.done == gateway.publisher.done == ["started"]
    gateway.stop()
    assert gateway.activator.done == gateway.publisher.done == ["started", "closed"]
    assert gateway.failure is None


def test_a_request_in_flight_is_answered_before_the_end(
    gateway: RunningGateway, provider: ScriptedProvider
) -> None:
    statuses: list[int] = []
    asking = threading.Thread(target=lambda: statuses.append(gateway.get("/system/slow").status))
    asking.start()
    while not provider.asked:
        time.sleep(0.005)
    ending = threading.Thread(target=gateway.stop)
    ending.start()
    provider.proceed.set()
    asking.join()
    ending.join()
    assert statuses == [200]


@pytest.mark.parametrize("path", ["/system/logs?follow=1", "/system/slow"])
def test_the_end_does_not_wait_for_what_does_not_end(
    gateway: RunningGateway, provider: ScriptedProvider, path: str
) -> None:
    with socket.create_connection(("127.0.0.1", gateway.settings.control_port), 10) as connection:
        request = f"GET {path} HTTP/1.1\r\nHost: n\r\nAuthorization: Basic YWRtaW46c2VjcmV0\r\n\r\n"
        connection.sendall(request.encode())
        while not provider.asked:
            time.sleep(0.005)
        began = time.monotonic()
        gateway.stop()
        assert time.monotonic() - began < 4
        connection.settimeout(5)
        while connection.recv(1000):
            pass
    assert gateway.failure is None


def test_a_port_that_is_taken_is_told_in_one_sentence(provider: ScriptedProvider) -> None:
    first, second = RunningGateway(provider.url), RunningGateway(provider.url)
    first.start()
    try:
        second.taken = first.settings.control_port
        second.start()
        second.close()
    finally:
        first.close()
    assert isinstance(second.failure, Unavailable)
    assert f"127.0.0.1:{second.taken}" in str(second.failure)
    assert second.activator.done == ["started", "closed"]


def test_a_missing_directory_of_the_router_is_told(provider: ScriptedProvider) -> None:
    running = RunningGateway(provider.url)
    running.directory.rmdir()
    running.start()
    running.close()
    assert isinstance(running.failure, Unavailable)
    assert "failures.sock" in str(running.failure)
