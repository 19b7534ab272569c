"""The provider in gunicorn, with the settings it is shipped with."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from provider_app.config import ROUTE_STREAMS
from tests.unit.provider.running import eventually

ROOT = Path(__file__).parents[3]


class Served:
    """A gunicorn of its own, on a free port."""

    def __init__(self, directory: Path, **settings: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        environment = os.environ | {
            "PYTHONPATH": f"{ROOT}/distro:{ROOT}",
            "faasd_database": str(directory / "functions.db"),
            "faasd_router_dir": str(directory / "router"),
            "faasd_threads": "20",
            "read_timeout": "1s",
            "write_timeout": "1s",
            "basic_auth": "false",
            **settings,
        }
        self.log = directory / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "provider_app.serve"),
                    *("--config", "python:provider_app.gunicorn_settings"),
                    *("--bind", f"127.0.0.1:{self.port}", "tests.unit.provider.memory_app:app"),
                ],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
        ended_or_answers = eventually(lambda: self.process.poll() is not None or self.answers())
        assert ended_or_answers, self.log.read_text()

    def call(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        """Send a request."""
        sent = None if body is None else json.dumps(body)
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as asking:
            asking.request(method, path, sent)
            answer = asking.getresponse()
            return answer.status, answer.read()

    def answers(self) -> bool:
        """Tell whether it answers, its function's machine included."""
        try:
            return self.call("GET", "/healthz")[0] == 200
        except OSError:
            return False

    def stop(self) -> float:
        """End it as a service manager does; return how many seconds that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(40)
        return time.monotonic() - began


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.stop()


def test_a_function_is_deployed_called_and_removed(served: Served) -> None:
    body = {"service": "echo", "image": "serve"}
    assert served.call("POST", "/system/functions", body)[0] == 202

    assert eventually(lambda: served.call("GET", "/function/echo/%2Fa//b?c=d")[0] == 200)
    _, answer = served.call("GET", "/function/echo/%2Fa//b?c=d")
    assert json.loads(answer)["path"] == "/%2Fa//b?c=d"
    assert served.call("DELETE", "/system/functions", {"functionName": "echo"})[0] == 202


def test_it_ends_soon_and_by_itself(served: Served) -> None:
    served.call("POST", "/system/functions", {"service": "echo", "image": "serve"})
    served.call("POST", "/system/functions", {"service": "never", "image": "silent"})

    assert served.stop() < 8
    assert served.process.returncode == 0
    assert "Traceback" not in served.log.read_text()


def test_those_who_follow_the_routes_do_not_delay_its_end(served: Served) -> None:
    with ExitStack() as following:
        for _ in range(ROUTE_STREAMS):
            caller = following.enter_context(
                socket.create_connection(("127.0.0.1", served.port), 5)
            )
            caller.sendall(b"GET /system/routes HTTP/1.1\r\nHost: node\r\n\r\n")
            assert eventually(lambda caller=caller: b"synced" in caller.recv(4096))  # type: ignore[misc]

        assert served.stop() < 3


def test_connections_that_say_nothing_keep_nobody_out(served: Served) -> None:
    with ExitStack() as idle:
        for _ in range(40):
            idle.enter_context(socket.create_connection(("127.0.0.1", served.port), 5))

        assert served.call("GET", "/healthz")[0] == 200


def test_requests_that_never_end_are_given_up(served: Served) -> None:
    with ExitStack() as slow:
        for _ in range(20):
            caller = slow.enter_context(socket.create_connection(("127.0.0.1", served.port), 5))
            caller.sendall(b"POST /system/functions HTTP/1.1\r\nContent-Length: 9\r\n")

        assert eventually(lambda: served.call("GET", "/healthz")[0] == 200)


def test_a_body_that_does_not_arrive_is_told(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), 5) as caller:
        caller.sendall(b"POST /system/functions HTTP/1.1\r\nContent-Length: 9\r\n\r\n{")

        assert b"400" in caller.recv(4096)


def test_a_kept_connection_serves_many_requests(served: Served) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)) as asking:
        for _ in range(50):
            asking.request("GET", "/system/functions")
            assert asking.getresponse().read() == b"[]\n"


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("service_timeout", "soon", "setting service_timeout is 'soon'"),
        ("faasd_threads", "1", "setting faasd_threads is '1', it must be a number from 20"),
    ],
)
def test_a_wrong_setting_ends_it_with_one_sentence(
    tmp_path: Path, setting: str, value: str, sentence: str
) -> None:
    ended = Served(tmp_path, **{setting: value})

    assert ended.process.wait(5) == 1
    assert sentence in ended.log.read_text()
    assert len(ended.log.read_text().splitlines()) == 1


def test_a_missing_login_ends_it_with_one_sentence(tmp_path: Path) -> None:
    ended = Served(tmp_path, basic_auth="true", secret_mount_path=str(tmp_path))

    assert ended.process.wait(5) == 1
    assert "basic-auth-user" in ended.log.read_text()
    assert len(ended.log.read_text().splitlines()) == 1
