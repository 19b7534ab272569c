"""Calls of functions through the provider."""

import socket
import threading
from contextlib import ExitStack
from functools import partial

import pytest

from tests.unit.provider.running import RunningProvider, eventually, json_of
from tests.unit.provider.serving import arriving, listening, read_exactly, say, serving

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.fixture
def echo(provider: RunningProvider) -> RunningProvider:
    """A provider with the function `echo`, ready."""
    provider.deploy_ready()
    return provider


@pytest.mark.parametrize("method", METHODS)
def test_every_method_reaches_the_function(echo: RunningProvider, method: str) -> None:
    answer = echo.client.open("/function/echo", method=method, data=b"body")

    assert json_of(answer)["method"] == method
    assert json_of(answer)["body"] == "body"


def test_head_has_the_functions_headers_and_no_body(echo: RunningProvider) -> None:
    answer = echo.client.head("/function/echo")

    assert answer.status_code == 200
    assert int(answer.headers["Content-Length"]) > 0
    assert answer.data == b""


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("/function/echo", "/"),
        ("/function/echo/", "/"),
        ("/function/echo?a=1&a=2", "/?a=1&a=2"),
        ("/function/echo/a/b?c=%20d", "/a/b?c=%20d"),
        ("/function/echo/a//twice//", "/a//twice//"),
        ("/function/echo//x", "/x"),  # Two slashes arrive; the program folds them.
        ("/function/echo/%2Fx/%C3%A9?q=%2B+", "/%2Fx/%C3%A9?q=%2B+"),
        ("/function/echo/function/echo/x", "/function/echo/x"),
        ("/function/ech%6F/x", "/x"),
        ("/function/echo.openfaas-fn/x", "/x"),
        ("http://node:8081/function/echo/x", "/x"),
    ],
)
def test_path_and_query_arrive_as_they_were_written(
    echo: RunningProvider, sent: str, seen: str
) -> None:
    path = sent.removeprefix("http://node:8081")
    answer = echo.client.get(path, environ_overrides={"RAW_URI": sent})

    assert json_of(answer)["path"] == seen


def test_status_and_redirects_are_passed_on_not_followed(echo: RunningProvider) -> None:
    answer = echo.client.get(
        "/function/echo",
        headers={"X-Want-Status": "307", "X-Want-Location": "http://127.0.0.1:1/x"},
    )

    assert answer.status_code == 307
    assert answer.headers["Location"] == "http://127.0.0.1:1/x"


def test_call_headers_reach_the_function_and_the_caller(echo: RunningProvider) -> None:
    answer = echo.client.get("/function/echo", headers={"X-Call-Id": "c0ffee", "Te": "trailers"})
    seen = json_of(answer)["headers"]

    assert seen["x-call-id"] == answer.headers["X-Call-Id"] == "c0ffee"
    assert seen["x-start-time"] == answer.headers["X-Start-Time"]
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert "te" not in seen
    assert float(answer.headers["X-Duration-Seconds"]) > 0


def test_a_call_without_an_id_gets_one(echo: RunningProvider) -> None:
    first, second = (echo.client.get("/function/echo").headers["X-Call-Id"] for _ in range(2))

    assert first != second
    assert len(first) == 36


def test_no_login_is_asked_for_and_none_is_held_back(echo: RunningProvider) -> None:
    del echo.client.environ_base["HTTP_AUTHORIZATION"]

    assert echo.client.get("/function/echo").status_code == 200
    answer = echo.client.get("/function/echo", headers={"Authorization": "Bearer own"})
    assert json_of(answer)["headers"]["authorization"] == "Bearer own"


@pytest.mark.parametrize("name", ["nothing", "echo.other", "echo.openfaas"])
def test_an_unknown_function_is_not_found_by_its_name(echo: RunningProvider, name: str) -> None:
    answer = echo.client.get(f"/function/{name}")

    assert answer.status_code == 404
    assert name.split(".", maxsplit=1)[0] in answer.text


@pytest.mark.parametrize("name", ["Echo", "-", "a" * 64, "echo.", "..%2F", "echo.a.b"])
def test_a_name_that_cannot_be_is_refused(echo: RunningProvider, name: str) -> None:
    answer = echo.client.get(f"/function/{name}")

    assert answer.status_code in (200, 400, 404)
    assert (answer.status_code == 200) == (name == "echo.")


def test_calls_go_to_all_replicas_in_turn(provider: RunningProvider) -> None:
    provider.deploy(image="silent", labels={"com.openfaas.scale.min": "2"})
    assert eventually(lambda: len(provider.running()) == 2)

    with ExitStack() as replicas:
        for name, workload in provider.workloads().items():
            answer = b"HTTP/1.0 200 OK\r\n\r\n" + name.encode()
            talk = partial(say, answer)
            replicas.enter_context(listening(workload.address or "", talk))
        assert eventually(lambda: provider.state() == "ready")
        answers = [provider.client.get("/function/echo").data for _ in range(4)]

    assert sorted(answers) == [b"echo.1.0", b"echo.1.0", b"echo.1.1", b"echo.1.1"]


def test_a_call_wakes_a_function_that_is_asleep(echo: RunningProvider) -> None:
    echo.scale("echo", 0)
    assert eventually(lambda: echo.running() == [])

    assert echo.client.get("/function/echo").status_code == 200
    assert echo.status()["replicas"] == 1


def test_many_callers_wait_for_one_start(echo: RunningProvider) -> None:
    echo.scale("echo", 0)
    assert eventually(lambda: echo.running() == [])
    statuses: list[int] = []

    def call() -> None:
        statuses.append(echo.client.application.test_client().get("/function/echo").status_code)

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()

    assert statuses == [200] * 4
    assert echo.running() == ["echo.1.0"]


def test_the_pieces_of_an_answer_arrive_as_they_are_sent(provider: RunningProvider) -> None:
    arrived = threading.Event()

    def talk(connection: socket.socket, _head: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")
        connection.sendall(b"Transfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n")
        assert arrived.wait(5)
        connection.sendall(b"9\r\ndata: 2\n\n\r\n0\r\n\r\n")

    with serving(provider, talk):
        answer = provider.client.get("/function/echo", buffered=False)
        pieces = answer.iter_encoded()

        assert next(iter(pieces)) == b"data: 1\n\n"
        arrived.set()
        assert b"".join(pieces) == b"data: 2\n\n"
        assert answer.headers["Content-Type"] == "text/event-stream"
        answer.close()


def test_a_body_in_chunks_reaches_the_function_in_chunks(provider: RunningProvider) -> None:
    heads: list[bytes] = []

    def talk(connection: socket.socket, head: bytes) -> None:
        heads.append(head)
        body = read_exactly(connection, len(b"6\r\nstream\r\n0\r\n\r\n"))
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + body)

    with serving(provider, talk):
        answer = provider.client.post(
            "/function/echo",
            headers={"Transfer-Encoding": "chunked"},
            environ_overrides=arriving(b"stream"),
        )

    assert answer.data == b"6\r\nstream\r\n0\r\n\r\n"
    assert b"transfer-encoding: chunked" in heads[0].lower()
    assert b"content-length" not in heads[0].lower()


def test_a_large_body_passes_both_ways_unchanged(provider: RunningProvider) -> None:
    size = 3_000_001

    def talk(connection: socket.socket, _head: bytes) -> None:
        body = read_exactly(connection, size)
        connection.sendall(b"HTTP/1.1 201 Made\r\nContent-Length: %d\r\n\r\n" % size)
        connection.sendall(body)

    sent = bytes(range(256)) * (size // 256 + 1)
    with serving(provider, talk):
        answer = provider.client.post("/function/echo", data=sent[:size])

    assert answer.status == "201 Made"
    assert answer.data == sent[:size]


def test_two_cookies_stay_two(provider: RunningProvider) -> None:
    def talk(connection: socket.socket, _head: bytes) -> None:
        connection.sendall(b"HTTP/1.1 204 None\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n")

    with serving(provider, talk):
        answer = provider.client.get("/function/echo")

    assert answer.status_code == 204
    assert answer.headers.getlist("Set-Cookie") == ["a=1", "b=2"]
    assert "Content-Type" not in answer.headers
