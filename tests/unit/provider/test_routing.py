"""What the provider does for the router, and for replicas that go; here none runs."""

import logging
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.unit.provider.running import RunningProvider, eventually
from tests.unit.provider.serving import listening, serving

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Slow:
    """A function whose answers wait until they are let go."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.proceed = threading.Event()

    def __call__(self, connection: socket.socket, _head: bytes) -> None:
        self.asked.set()
        assert self.proceed.wait(60)
        connection.sendall(ANSWER)


@contextmanager
def call_under_way(
    provider: RunningProvider, slow: Slow, name: str = "echo"
) -> Iterator[list[int]]:
    """Have a call in flight while the block runs; the one item is its status, after the block."""
    statuses: list[int] = []
    url = f"/function/{name}"
    asking = threading.Thread(target=lambda: statuses.append(provider.client.get(url).status_code))
    asking.start()
    try:
        assert slow.asked.wait(5)
        yield statuses
    finally:
        slow.proceed.set()
        asking.join()


def config_of(provider: RunningProvider) -> str:
    file = Path(provider.config.router_directory, "haproxy.cfg")
    return file.read_text() if file.exists() else ""


def map_of(provider: RunningProvider) -> str:
    return Path(provider.config.router_directory, "functions.map").read_text()


def test_a_router_that_does_not_run_yet_starts_from_files_that_name_the_replicas(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready()

    address = provider.address()
    assert eventually(lambda: f" {address}:8080\n" in config_of(provider))
    assert "echo.openfaas-fn f000" in map_of(provider)
    provider.delete()
    assert eventually(lambda: map_of(provider) == "")
    assert eventually(lambda: address not in config_of(provider))


def test_the_routers_directory_is_for_the_router_and_those_of_the_gateways_group(
    provider: RunningProvider,
) -> None:
    directory = Path(provider.config.router_directory)

    assert eventually(directory.is_dir)
    assert eventually(lambda: stat.S_IMODE(directory.stat().st_mode) == 0o2770)


def test_a_router_that_does_not_run_is_told_of_once(
    provider: RunningProvider, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(5):
        provider.deploy_ready(f"fn{number}")

    said = [record for record in caplog.records if record.name.endswith("services.routing")]
    assert len(said) <= 1


def test_files_that_were_taken_away_are_written_again(provider: RunningProvider) -> None:
    provider.deploy_ready("one")
    assert eventually(lambda: bool(config_of(provider)))
    directory = Path(provider.config.router_directory)
    directory.rename(directory.with_name("away"))

    provider.deploy_ready("two")

    assert eventually(lambda: "two.openfaas-fn" in config_of(provider))


def test_a_deleted_function_ends_after_its_last_call_and_is_unknown_at_once(
    provider: RunningProvider,
) -> None:
    slow = Slow()
    with serving(provider, slow), call_under_way(provider, slow) as statuses:
        provider.delete()
        assert provider.client.get("/function/echo").status_code == 404
        assert not eventually(lambda: provider.running() == [], 0.3)
        slow.proceed.set()
        assert eventually(provider.is_empty)

    assert statuses == [200]


def test_calls_that_outlast_the_grace_are_waited_for_no_longer(provider: RunningProvider) -> None:
    slow = Slow()
    provider.deploy("echo", "silent", annotations={"grace_period": "200ms"})
    with listening(provider.address(), slow):
        assert eventually(lambda: provider.state() == "ready")
        with call_under_way(provider, slow):
            provider.delete()
            assert eventually(provider.is_empty)


def test_an_update_lets_the_old_generation_end_its_calls(provider: RunningProvider) -> None:
    slow = Slow()
    with serving(provider, slow), call_under_way(provider, slow) as statuses:
        provider.update("echo", "serve")
        assert eventually(lambda: provider.state() == "ready")
        assert provider.client.get("/function/echo").status_code == 200
        assert provider.running() == ["echo.1.0", "echo.2.0"]
        slow.proceed.set()
        assert eventually(lambda: provider.running() == ["echo.2.0"])

    assert statuses == [200]


def test_a_call_to_a_function_that_goes_to_sleep_keeps_it_awake(provider: RunningProvider) -> None:
    slow = Slow()
    with serving(provider, slow), call_under_way(provider, slow) as statuses:
        provider.scale("echo", 0)
        assert not eventually(lambda: provider.running() == [], 0.2)
        slow.proceed.set()
        answer = provider.client.get("/function/echo")

    assert answer.status_code == 200
    assert statuses == [200]


def test_a_call_that_comes_while_a_function_stops_wakes_it_again(
    provider: RunningProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    provider.deploy_ready("echo", "stubborn", annotations={"grace_period": "500ms"})
    before = provider.workloads()["echo.1.0"].task.pid
    provider.scale("echo", 0)
    assert eventually(lambda: "stop echo.1.0" in caplog.text)

    answers = [provider.client.get("/function/echo").status_code for _ in range(3)]

    assert answers == [200, 200, 200]
    assert provider.workloads()["echo.1.0"].task.pid != before
    assert provider.reason() == ""


def test_functions_that_wait_for_calls_keep_no_other_from_anything(
    provider: RunningProvider,
) -> None:
    names = [f"fn{number}" for number in range(40)]
    for name in names:
        provider.deploy(name)
    for name in names:
        assert eventually(lambda name=name: provider.state(name) == "ready")  # type: ignore[misc]
    with ExitStack() as calls:
        for name in names:
            calls.enter_context(provider.call_in_flight(name))
            provider.delete(name)

        provider.deploy_ready("quick")

        assert all(provider.running(name) for name in names)
    assert eventually(lambda: not any(provider.running(name) for name in names))


def test_the_provider_ends_without_waiting_for_calls(provider: RunningProvider) -> None:
    slow = Slow()
    with serving(provider, slow), call_under_way(provider, slow):
        provider.delete()
        assert not eventually(lambda: provider.running() == [], 0.1)
        provider.stop()
        assert provider.running() == ["echo.1.0"]
        slow.proceed.set()
    provider.start()
    assert eventually(provider.is_empty)
