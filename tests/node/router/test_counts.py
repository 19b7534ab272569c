"""What is counted and logged, and what becomes of it when something restarts."""

import contextlib
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from faasd.router.wanted import FunctionName
from tests.node.router.origin import Origin
from tests.node.router.running import HELLO, RunningRouter, many


@contextlib.contextmanager
def _listening(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(path))
        receiver.settimeout(5)
        yield receiver


def test_requests_are_counted_by_function_and_class(router: RunningRouter, hello: Origin) -> None:
    other = FunctionName(name="other", namespace="dev")
    router.router.apply({HELLO: [hello.endpoint], other: []})
    for path in ("", "", "/teapot"):
        router.get(f"/function/hello{path}")
    router.get("/function/other.dev")
    stats = router.counts()
    assert (stats[HELLO].by_class, stats[HELLO].requests) == ((0, 2, 0, 1, 0), 3)
    assert (stats[other].by_class, stats[other].current) == ((0, 1, 0, 0, 0), 0)


def test_counts_go_on_through_restarts_of_both_sides(router: RunningRouter, hello: Origin) -> None:
    router.apply(hello.endpoint)
    counts = []
    for restart in (router.restart_tools, lambda: router.stop(signal.SIGKILL), lambda: None):
        router.get()
        counts.append(router.counts()[HELLO].requests)
        restart()
        if router.process.poll() is not None:
            router.start()
    router.counts()
    router.router.apply({HELLO: [hello.endpoint], **many(40, hello.endpoint)})
    router.get()
    assert [*counts, router.counts()[HELLO].requests] == [1, 2, 3, 4]


def test_next_holder_of_a_backend_begins_at_nothing(router: RunningRouter, hello: Origin) -> None:
    functions = [FunctionName(name=f"fn-{number}") for number in range(40)]
    for function in functions:
        router.router.apply({function: [hello.endpoint]})
        router.get(f"/function/{function.name}")
        counts = router.counts()
    assert counts[functions[-1]].requests == 1


def test_requests_in_flight_are_seen(router: RunningRouter, hello: Origin) -> None:
    router.apply(hello.endpoint)
    with router.connect() as connection:
        connection.sendall(b"GET /function/hello/wait HTTP/1.1\r\nHost: n\r\n\r\n")
        while not hello.requests:
            time.sleep(0.005)
        assert router.counts()[HELLO].current == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [("/function/hello/teapot", "418"), ("/function/hello/drop", "502")],
)
def test_each_answer_but_200_is_told_to_the_failures_socket(
    router: RunningRouter, hello: Origin, path: str, status: str
) -> None:
    router.apply(hello.endpoint)
    with _listening(router.settings.failures_socket) as receiver:
        router.get()
        router.send("POST", path, body=b"x", X_Call_Id="c-1")
        fields = receiver.recv(1024).decode().split()
    assert (fields[0], fields[2], fields[-1]) == ("request", status, "c-1")
    assert fields[1] == path.split("/")[2]


def test_one_request_in_a_hundred_is_told_to_the_sample_socket(
    router: RunningRouter, hello: Origin
) -> None:
    router.apply(hello.endpoint)
    with _listening(router.settings.sample_socket) as receiver:
        for _ in range(300):
            router.get()
        lines = [receiver.recv(1024).decode().split() for _ in range(3)]
        receiver.setblocking(False)  # noqa: FBT003
        with pytest.raises(BlockingIOError):
            receiver.recv(1024)
    assert {(line[0], line[1], line[2]) for line in lines} == {("request", "hello", "200")}


def test_prometheus_reads_the_routers_own_figures(router: RunningRouter) -> None:
    url = f"http://127.0.0.1:{router.metrics_port}/metrics?scope=backend&no-maint"
    with urllib.request.urlopen(url, timeout=10) as answer:
        text = answer.read().decode()
    assert 'haproxy_backend_http_responses_total{proxy="f000",code="2xx"} 0' in text
