"""The node through :8080, as its users have it."""

import http.client
import os
import re
import signal
import subprocess
from contextlib import closing

from tests.e2e.client import Client
from tests.machine.processes import wait_until
from tests.product.place import FRONT, SERVICES, STATIC, Callbacks, Product, as_json, listed


def test_status_shows_every_service_and_function(static: str) -> None:
    shown = subprocess.run(
        ["/usr/bin/faasd", "status"], capture_output=True, text=True, timeout=60, check=False
    ).stdout

    for name in (*SERVICES, static):
        assert name in shown


def test_a_wrong_password_opens_nothing_and_the_right_one_does(
    product: Product, front: Client
) -> None:
    stranger = Client("127.0.0.1", FRONT, "admin", "wrong")

    refused = stranger.call("GET", "/system/functions")

    assert refused.status == 401
    assert "realm" in refused.headers["www-authenticate"]
    assert front.call("GET", "/system/functions").status == 200
    assert product.client(FRONT).call("GET", "/healthz").status == 200


def test_a_call_gets_its_headers_and_is_counted(front: Client, static: str) -> None:
    before = int(str(listed(front, static)["invocationCount"]))

    answers = [front.invoke(static, x_call_id=f"call-{number}") for number in range(25)]

    assert {answer.headers["x-call-id"] for answer in answers} == {
        f"call-{number}" for number in range(25)
    }
    assert all(float(answer.headers["x-duration-seconds"]) >= 0 for answer in answers)
    wait_until(
        lambda: int(str(listed(front, static)["invocationCount"])) >= before + 25, 10, "counted"
    )


def test_an_asynchronous_call_is_answered_by_its_callback(front: Client, echo: str) -> None:
    with Callbacks() as callbacks:
        answer = front.call(
            "POST",
            f"/async-function/{echo}/some/path?a=1",
            b"hello",
            {"X-Callback-Url": callbacks.url, "X-Call-Id": "mine"},
        )
        wait_until(lambda: bool(callbacks.seen), 15, "called back")

    assert answer.status == 202, answer.text
    assert answer.headers["x-call-id"] == "mine"
    (seen,) = callbacks.seen
    assert seen["x-call-id"] == "mine"
    assert seen["x-function-status"] == "200"
    assert seen["x-function-name"].split(".")[0] == echo
    assert float(seen["x-duration-seconds"]) >= 0
    assert "hello" in seen[""]
    assert "/some/path" in seen[""]


def test_an_asynchronous_call_of_an_unknown_function_is_refused(front: Client) -> None:
    assert front.call("POST", "/async-function/nobody", b"").status == 404


def test_a_function_can_be_the_callback_of_another(front: Client, echo: str, static: str) -> None:
    answer = front.call(
        "POST",
        f"/async-function/{echo}",
        b"ping",
        {"X-Callback-Url": f"http://gateway:8080/function/{static}"},
    )
    assert answer.status == 202, answer.text

    wait_until(lambda: int(str(listed(front, static)["invocationCount"])) >= 1, 15, "called back")


def test_logs_are_followed_through_the_front_door_and_over_a_restart(
    product: Product, front: Client, talker: str
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", FRONT, timeout=20)
    path = f"/system/logs?name={talker}&follow=true"
    with closing(connection):
        connection.request("GET", path, headers=front.authorization)
        answer = connection.getresponse()
        first = as_json(answer.readline().decode())
        kill_function(product, talker)
        second = as_json(answer.readline().decode())

    assert answer.status == 200
    assert first["text"] == second["text"] == "listening on 8080"
    assert (first["name"], first["namespace"]) == (talker, "openfaas-fn")
    assert str(second["timestamp"]) > str(first["timestamp"])


def kill_function(product: Product, name: str) -> None:
    rows = [line.split() for line in product.containerd.ctr("tasks", "ls").splitlines()[1:]]
    (pid,) = [int(row[1]) for row in rows if row[0].split(".")[0] == name]
    os.kill(pid, signal.SIGKILL)


def test_prometheus_in_the_node_knows_how_often_a_function_was_called(
    front: Client, static: str
) -> None:
    for _ in range(10):
        front.invoke(static)
    prometheus = Client("127.0.0.1", 9090)
    query = f'gateway_function_invocation_total{{function_name="{static}.openfaas-fn"}}'

    wait_until(
        lambda: any(value >= 10 for value in _ask(prometheus, query)),
        45,
        "Prometheus has scraped it",
    )
    targets = prometheus.call("GET", "/api/v1/targets").json["data"]["activeTargets"]
    wait_until(lambda: _all_up(prometheus), 45, f"every target is up: {targets}")
    scraped = 'scrape_samples_scraped{job="router"}'
    wait_until(lambda: bool(_ask(prometheus, scraped)), 45, "Prometheus has scraped the router")
    # A small node has neither memory nor a card for the thousands that HAProxy would tell.
    assert 0 < _ask(prometheus, scraped)[0] < 500


def _ask(prometheus: Client, query: str) -> list[float]:
    answer = prometheus.call("GET", f"/api/v1/query?query={_escaped(query)}")
    return [float(one["value"][1]) for one in answer.json["data"]["result"]]


def _all_up(prometheus: Client) -> bool:
    targets = prometheus.call("GET", "/api/v1/targets").json["data"]["activeTargets"]
    return all(target["health"] == "up" for target in targets)


def _escaped(query: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_.-]", lambda match: f"%{ord(match[0]):02X}", query)


def test_an_unknown_function_is_named_in_one_sentence(front: Client) -> None:
    answer = front.invoke("nobody")

    assert answer.status == 404
    assert "nobody" in answer.text


def test_a_deleted_function_is_gone_at_once(front: Client, static: str) -> None:
    assert front.delete(static).status in (200, 202)

    wait_until(lambda: front.invoke(static).status == 404, 2, "404")


def test_calls_are_counted_up_to_the_last_before_a_delete(front: Client) -> None:
    front.deploy("counted", STATIC)
    front.wait_answers("counted", 20)
    wait_until(lambda: successes("counted") == 1, 10, "the gateway has seen it")

    for _ in range(5):
        front.invoke("counted")
    front.delete("counted")

    wait_until(lambda: successes("counted") == 1 + 5, 10, f"{successes('counted')} counted")


def successes(name: str) -> float:
    """Return how many answers of a function the gateway has counted with status 200."""
    text = Client("10.62.0.1", 8082).call("GET", "/metrics").text
    pattern = r"^gateway_function_invocation_total{([^}]*)} (\S+)$"
    wanted = {f'function_name="{name}.openfaas-fn"', 'code="200"'}
    found = re.findall(pattern, text, re.MULTILINE)
    return sum(float(value) for labels, value in found if wanted <= set(labels.split(",")))
