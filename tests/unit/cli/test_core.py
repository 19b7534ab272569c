"""What commands tell of the core services."""

import signal
import subprocess
import threading
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from faasd.cli.callback import receiving
from faasd.cli.report import CoreLine, ExitCode, Report, decide_exit_code, render_core
from faasd.cli.service import end_process

WELL = CoreLine(
    name="nats",
    state="running",
    health="healthy",
    restarts=2,
    memory=5 * 1024 * 1024,
    image="localhost/faasd/nats:latest",
)


def line(state: str, health: str) -> CoreLine:
    return CoreLine(name="x", state=state, health=health, restarts=None, memory=None, image="i")


def test_a_service_is_shown_with_all_that_is_known_of_it() -> None:
    head, first, second = render_core((WELL, line("stopped", ""))).splitlines()

    assert head.split() == ["CORE", "SERVICE", "STATE", "HEALTH", "RESTARTS", "MEMORY", "IMAGE"]
    assert first.split() == [
        *("nats", "running", "healthy", "2", "5", "MiB", "localhost/faasd/nats:latest"),
    ]
    assert second.split() == ["x", "stopped", "?", "i"]


@pytest.mark.parametrize(
    ("one", "code"),
    [
        (WELL, ExitCode.FINE),
        (line("running", "unchecked"), ExitCode.FINE),
        (line("running", ""), ExitCode.FINE),
        (line("running", "starting"), ExitCode.NODE_DOWN),
        (line("running", "unhealthy"), ExitCode.NODE_DOWN),
        (line("stopped", "healthy"), ExitCode.NODE_DOWN),
        (line("not there", ""), ExitCode.NODE_DOWN),
    ],
)
def test_the_status_code_tells_a_core_service_that_is_not_well(
    one: CoreLine, code: ExitCode
) -> None:
    assert decide_exit_code(Report(parts=(), functions=(), core=(WELL, one))) is code


def test_a_process_is_ended_gently() -> None:
    with subprocess.Popen(["sleep", "600"]) as process:
        end_process(process.pid)

    assert process.returncode == -signal.SIGTERM


def test_a_process_that_is_gone_is_ended() -> None:
    process = subprocess.Popen(["true"])
    process.wait()

    end_process(process.pid)

    assert not Path(f"/proc/{process.pid}").exists()


def test_the_answer_of_a_queued_call_is_received_with_its_status() -> None:
    with receiving() as receiver:
        port = urlsplit(receiver.url).port
        assert port
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        headers = {"X-Function-Status": "200", "X-Call-Id": "an-id"}
        thread = threading.Thread(target=connection.request, args=("POST", "/", b"hello", headers))
        thread.start()
        answer = receiver.get()
        thread.join()
        status = connection.getresponse().status
        connection.close()

    assert urlsplit(receiver.url).hostname == "faasd-provider"
    assert (answer.status, answer.call_id, answer.body, status) == (200, "an-id", b"hello", 200)
