"""Calls that cannot be answered, and what is said of them."""

import socket
import threading

import pytest

from tests.unit.provider.running import RunningProvider
from tests.unit.provider.serving import arriving, read_exactly, serving


def test_a_function_that_hangs_up_without_a_word_is_a_bad_gateway(
    provider: RunningProvider,
) -> None:
    calls: list[bytes] = []

    def talk(_connection: socket.socket, head: bytes) -> None:
        calls.append(head)

    with serving(provider, talk):
        answer = provider.client.post("/function/echo")

    assert answer.status_code == 502
    assert len(calls) == 1, "what may not be done twice was sent twice"
    assert "echo" in answer.text


def test_a_function_that_speaks_no_http_is_a_bad_gateway(provider: RunningProvider) -> None:
    def talk(connection: socket.socket, _head: bytes) -> None:
        connection.sendall(b"SSH-2.0-something\r\n\r\n")

    with serving(provider, talk):
        answer = provider.client.get("/function/echo")

    assert answer.status_code == 502


def test_an_answer_broken_off_is_not_passed_on_as_whole(provider: RunningProvider) -> None:
    def talk(connection: socket.socket, _head: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")

    with serving(provider, talk), pytest.raises(ConnectionError):
        provider.client.get("/function/echo")


def test_a_function_that_answers_too_late_is_a_timeout(provider: RunningProvider) -> None:
    provider.stop()
    provider.start(service_timeout=0.3)
    released = threading.Event()

    def talk(_connection: socket.socket, _head: bytes) -> None:
        released.wait(5)

    with serving(provider, talk):
        answer = provider.client.get("/function/echo")
        released.set()

    assert answer.status_code == 504
    assert "0.3 s" in answer.text


def test_a_request_whose_body_ends_early_is_refused(provider: RunningProvider) -> None:
    def talk(connection: socket.socket, _head: bytes) -> None:
        read_exactly(connection, 10)

    with serving(provider, talk):
        answer = provider.client.post(
            "/function/echo",
            environ_overrides={"CONTENT_LENGTH": "10", **arriving(b"half")},
        )

    assert answer.status_code == 400
    assert "6 bytes" in answer.text


def test_an_answer_given_before_the_body_was_read_is_passed_on(
    provider: RunningProvider,
) -> None:
    def talk(connection: socket.socket, _head: bytes) -> None:
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        read_exactly(connection, 1 << 21)

    with serving(provider, talk):
        answer = provider.client.post("/function/echo", data=b"x" * (1 << 21))

    assert answer.status_code == 413


def test_calls_beyond_the_places_are_told_to_come_again_and_the_api_answers(
    provider: RunningProvider,
) -> None:
    released, waiting = threading.Event(), threading.Semaphore(0)

    def talk(connection: socket.socket, _head: bytes) -> None:
        waiting.release()
        released.wait(5)
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")

    def call() -> None:
        provider.client.application.test_client().get("/function/echo")

    with serving(provider, talk):
        callers = [threading.Thread(target=call) for _ in range(provider.config.threads - 16)]
        for caller in callers:
            caller.start()
        assert all(waiting.acquire(timeout=5) for _ in callers)

        refused = provider.client.get("/function/echo")
        listed = provider.client.get("/system/functions")
        released.set()
        for caller in callers:
            caller.join()

        assert (refused.status_code, listed.status_code) == (503, 200)
        assert int(refused.headers["Retry-After"]) > 0
        assert provider.client.get("/function/echo").status_code == 200


def test_a_kept_connection_that_the_function_closed_fails_no_call(
    provider: RunningProvider,
) -> None:
    def talk(connection: socket.socket, _head: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with serving(provider, talk):
        answers = [provider.client.post("/function/echo", data=b"x") for _ in range(20)]

    assert {(answer.status_code, answer.data) for answer in answers} == {(200, b"ok")}
