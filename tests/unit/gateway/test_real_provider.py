"""The gateway before the real provider, whose node is in memory."""

import base64
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from faasd.router.tally import FunctionStats
from faasd.router.wanted import FunctionName
from tests.machine.processes import wait_until
from tests.unit.gateway.running import RunningGateway
from tests.unit.provider.running import RunningProvider, running_provider


@pytest.fixture
def node(tmp_path: Path) -> Iterator[RunningProvider]:
    yield from running_provider(tmp_path)


@pytest.fixture
def front(node: RunningProvider) -> Iterator[RunningGateway]:
    server = make_server("127.0.0.1", 0, node.client.application, threaded=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    running = RunningGateway(f"http://127.0.0.1:{server.server_port}")
    try:
        running.start()
        yield running
    finally:
        running.close()
        server.shutdown()
        serving.join()
        server.server_close()


def send(front: RunningGateway, method: str, path: str, **body: object) -> int:
    return front.send(method, path, json.dumps(body).encode()).status


def test_a_function_lives_its_whole_life_through_the_gateway(front: RunningGateway) -> None:
    deployment = {"service": "echo", "image": "serve", "labels": {"a": "b"}}
    assert send(front, "PUT", "/system/functions", **deployment) == 404
    assert send(front, "POST", "/system/functions", **deployment) == 202
    assert send(front, "POST", "/system/functions", service="Bad Name", image="serve") == 400
    front.counts.stats = {FunctionName(name="echo"): FunctionStats(by_class=(0, 5, 0, 0, 0))}
    wait_until(lambda: describe(front)["invocationCount"] == 5, 10, "five calls in the list")
    assert json.loads(front.get("/system/function/echo").body)["labels"]["a"] == "b"
    assert send(front, "DELETE", "/system/functions", functionName="echo") == 202
    assert front.get("/system/function/echo").status == 404


def test_an_alert_scales_a_real_function(front: RunningGateway) -> None:
    send(front, "POST", "/system/functions", service="echo", image="serve")
    for status, replicas in (("firing", 5), ("resolved", 1)):
        alert = {"status": status, "labels": {"function_name": "echo.openfaas-fn"}}
        assert send(front, "POST", "/system/alert", alerts=[alert]) == 202
        assert describe(front)["replicas"] == replicas


def test_secrets_pass(front: RunningGateway) -> None:
    value = base64.b64encode(b"\x00\xff").decode()
    assert send(front, "POST", "/system/secrets", name="key", rawValue=value) in (200, 201, 202)
    assert [each["name"] for each in json.loads(front.get("/system/secrets").body)] == ["key"]


def describe(front: RunningGateway) -> dict[str, object]:
    (found,) = json.loads(front.get("/system/functions").body)
    assert isinstance(found, dict)
    return found
