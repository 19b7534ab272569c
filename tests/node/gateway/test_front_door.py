"""The gateway behind the real router."""

import contextlib
import http.client
import json

from tests.machine.processes import wait_until
from tests.node.router.running import RunningRouter
from tests.unit.gateway.program import Program
from tests.unit.gateway.running import RIGHT, WRONG
from tests.unit.gateway.twins import ScriptedProvider


def test_the_nodes_api_is_reached_through_the_front_door(
    router: RunningRouter, gateway: Program
) -> None:
    answer = router.send("PUT", "/system/x?y=%20", b"body", Authorization=RIGHT)
    told = json.loads(answer.body)
    assert (told["method"], told["path"], told["body"]) == ("PUT", "/system/x?y=%20", "body")
    assert answer.headers["X-Call-Id"]
    assert answer.headers["Server"] is None
    assert router.get("/healthz").body == b"OK"
    assert router.get("/").headers["Location"] == "/ui/"
    assert router.get("/ui/", Authorization=RIGHT).status == 200
    assert gateway.process.poll() is None


def test_guesses_are_counted_by_the_address_that_the_router_saw(
    router: RunningRouter, gateway: Program
) -> None:
    forged = [{"Authorization": WRONG, "X-Forwarded-For": f"192.0.2.{n}"} for n in range(11)]
    answers = [_ask(router, "127.0.0.2", headers) for headers in forged]
    assert [answer.status for answer in answers] == [401] * 10 + [429]
    answer = _ask(router, "127.0.0.2", {"Authorization": RIGHT})
    assert answer.status == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert router.get("/system/x", Authorization=RIGHT).status == 200
    assert gateway.process.poll() is None


def test_guesses_through_a_proxy_on_the_node_are_counted_for_who_sent_them(
    router: RunningRouter, gateway: Program
) -> None:
    for _ in range(11):
        router.get("/system/x", Authorization=WRONG, X_Forwarded_For="192.0.2.1")
    for address, status in {"192.0.2.1": 429, "192.0.2.2": 200}.items():
        asked = router.get("/system/x", Authorization=RIGHT, X_Forwarded_For=address)
        assert asked.status == status
    assert router.get("/system/x", Authorization=RIGHT).status == 200
    assert gateway.process.poll() is None


def _ask(router: RunningRouter, source: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    """Ask from an address of its own."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", router.port, timeout=20, source_address=(source, 0)
    )
    with contextlib.closing(connection):
        connection.request("GET", "/system/x", headers=headers)
        return connection.getresponse()


def test_a_log_is_followed_line_by_line_and_let_go(
    router: RunningRouter, gateway: Program, provider: ScriptedProvider
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", router.port, timeout=20)
    connection.request("GET", "/system/logs?follow=1", headers={"Authorization": RIGHT})
    answer = connection.getresponse()
    assert answer.readline() == b'{"text":"first"}\n'
    provider.proceed.set()
    assert answer.readline() == b'{"text":"more"}\n'
    answer.close()
    connection.close()
    wait_until(provider.left.is_set, 10, "end of the provider's answer")
    assert gateway.process.poll() is None


def test_functions_answer_while_the_gateway_is_gone(
    router: RunningRouter, gateway: Program
) -> None:
    gateway.stop()
    assert router.get().status == 200
    assert router.get("/system/info", Authorization=RIGHT).status == 503
    gateway.start()
    assert router.get("/system/info", Authorization=RIGHT).status == 200
