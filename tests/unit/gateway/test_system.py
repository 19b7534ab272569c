"""`/system` as it reaches the provider, and what the caller gets back."""

import json
import socket
from collections.abc import Iterator

import pytest

from tests.machine.processes import wait_until
from tests.unit.gateway.running import RIGHT, RunningGateway, free_port
from tests.unit.gateway.twins import ScriptedProvider


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
def test_any_method_path_and_query_reach_the_provider_unchanged(
    gateway: RunningGateway, method: str
) -> None:
    path = "/system/secrets/a%2Fb//c?namespace=dev&x=%20+"
    answer = gateway.send(method, path, b"{}", Content_Type="application/json")
    told = json.loads(answer.body)
    assert (answer.status, told["method"], told["path"], told["body"]) == (200, method, path, "{}")
    assert told["headers"]["Content-Type"] == "application/json"


def test_headers_pass_both_ways_but_those_of_one_connection(gateway: RunningGateway) -> None:
    answer = gateway.get("/system/x", X_Mine="1", Connection="X-Hop", X_Hop="1", TE="trailers")
    headers = json.loads(answer.body)["headers"]
    assert headers["X-Mine"] == "1"
    assert headers["Authorization"] == RIGHT
    assert not {"X-Hop", "TE", "Te", "User-Agent", "Accept"} & headers.keys()
    assert answer.headers.get_all("X-Twice") == ["one", "two"]
    assert answer.headers["X-Private"] is None


def test_a_compressed_body_stays_as_it_is(gateway: RunningGateway) -> None:
    answer = gateway.send("POST", "/system/x", b"not gzip at all", Content_Encoding="gzip")
    assert json.loads(answer.body)["body"] == "not gzip at all"


def test_a_body_of_unknown_length_streams(gateway: RunningGateway) -> None:
    def pieces() -> Iterator[bytes]:
        yield from [b"abc"] * 100

    answer = gateway.send("POST", "/system/x", pieces())
    assert json.loads(answer.body)["body"] == "abc" * 100


@pytest.mark.parametrize("status", [201, 202, 204, 301, 304, 400, 404, 409, 500, 507])
def test_the_providers_status_is_passed_on(gateway: RunningGateway, status: int) -> None:
    answers = [gateway.get(f"/system/status/{status}") for _ in range(2)]
    assert [answer.status for answer in answers] == [status, status]
    assert answers[0].body == (b"" if status in (204, 304) else b"so\n")


def test_a_head_is_answered_without_a_body(gateway: RunningGateway) -> None:
    assert gateway.send("HEAD", "/system/x").body == b""


def test_a_large_answer_streams(gateway: RunningGateway) -> None:
    assert len(gateway.get("/system/large").body) == 1000 * 65536


def test_an_absolute_target_reaches_nothing_but_the_provider(
    gateway: RunningGateway, provider: ScriptedProvider
) -> None:
    address = ("127.0.0.1", gateway.settings.control_port)
    with socket.create_connection(address, 10) as connection:
        request = f"GET http://127.0.0.1:9/system/x HTTP/1.1\r\nHost: n\r\nAuthorization: {RIGHT}"
        connection.sendall(f"{request}\r\nConnection: close\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    assert [asked.path for asked in provider.asked] == ["/system/x"]


def test_lines_of_a_log_come_as_they_are_written(
    gateway: RunningGateway, provider: ScriptedProvider
) -> None:
    with gateway.asking("GET", "/system/logs?name=echo&follow=1") as answer:
        assert answer.readline() == b'{"text":"first"}\n'
        provider.proceed.set()
        assert answer.readline() == b'{"text":"more"}\n'


def test_a_log_is_followed_beyond_the_providers_timeout(provider: ScriptedProvider) -> None:
    running = RunningGateway(provider.url, timeout=0.3)
    running.start()
    try:
        with running.asking("GET", "/system/logs?follow=1") as answer:
            answer.readline()
            provider.left.wait(1)
            provider.proceed.set()
            assert answer.readline() == b'{"text":"more"}\n'
    finally:
        running.close()


def test_the_provider_is_left_when_the_client_leaves(
    gateway: RunningGateway, provider: ScriptedProvider
) -> None:
    with gateway.asking("GET", "/system/logs?follow=1") as answer:
        answer.readline()
    provider.proceed.set()
    wait_until(provider.left.is_set, 10, "end of the provider's answer")


def test_a_provider_that_is_down_gives_503_and_when_to_ask_again() -> None:
    running = RunningGateway(f"http://127.0.0.1:{free_port()}")
    running.start()
    try:
        for path in ("/system/info", "/system/functions"):
            answer = running.get(path)
            assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
            assert answer.text.startswith("the provider does not answer")
    finally:
        running.close()


def test_a_provider_that_closes_without_an_answer_gives_503(gateway: RunningGateway) -> None:
    assert gateway.get("/system/drop").status == 503


def test_a_provider_that_is_slow_gives_504(provider: ScriptedProvider) -> None:
    running = RunningGateway(provider.url, timeout=0.2)
    running.start()
    try:
        answer = running.get("/system/slow")
        assert (answer.status, answer.text.count("\n")) == (504, 1)
    finally:
        provider.proceed.set()
        running.close()


def test_an_answer_that_breaks_off_is_not_ended_as_if_whole(gateway: RunningGateway) -> None:
    with gateway.asking("GET", "/system/broken") as answer:
        assert answer.status == 200
        assert answer.read(4) == b"some"
        assert answer.read(1) == b""
        assert answer.length == 96


def test_what_is_nowhere_is_404_in_one_sentence(gateway: RunningGateway) -> None:
    for path in ("/nothing", "/systemic", "/system"):
        answer = gateway.get(path)
        assert (answer.status, answer.text) == (404, "there is nothing at this path\n")


def test_health_needs_no_login(gateway: RunningGateway) -> None:
    answer = gateway.get("/healthz", Authorization="")
    assert (answer.status, answer.text) == (200, "OK")
