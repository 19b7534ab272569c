"""Alertmanager's messages."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import InvalidInput
from faasd.gateway.alert import Alert, decide_replicas, parse_alerts
from tests.unit.gateway.running import RunningGateway
from tests.unit.gateway.twins import ScriptedProvider


def message(*alerts: tuple[str, str]) -> bytes:
    found = [{"status": s, "labels": {"function_name": f, "alertname": "A"}} for f, s in alerts]
    return json.dumps({"status": "firing", "alerts": found}).encode()


def test_alerts_are_read() -> None:
    found = parse_alerts(message(("echo", "firing"), ("echo.dev", "resolved")))
    assert found == [
        Alert(name="echo", namespace="openfaas-fn", firing=True),
        Alert(name="echo", namespace="dev", firing=False),
    ]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"alerts":[{}]}', b'{"alerts":[{"status":"x","labels":1}]}']
)
def test_other_messages_are_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput, match="no message of Alertmanager"):
        parse_alerts(body)


@given(st.binary(max_size=50))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(InvalidInput):
        parse_alerts(body)


@pytest.mark.parametrize(
    ("replicas", "labels", "firing", "wanted"),
    [
        (1, {}, True, 5),
        (18, {}, True, 20),
        (5, {}, False, 1),
        (1, {"com.openfaas.scale.max": "3"}, True, 2),
        (4, {"com.openfaas.scale.min": "2"}, False, 2),
        (1, {"com.openfaas.scale.factor": "0"}, True, 1),
        (1, {"com.openfaas.scale.factor": "100", "com.openfaas.scale.max": "x"}, True, 20),
        (7, {"com.openfaas.scale.max": "5"}, True, 7),
        (0, {}, True, 4),
    ],
)
def test_a_step_more_while_it_fires_and_the_least_again(
    replicas: int, labels: dict[str, str], *, firing: bool, wanted: int
) -> None:
    status = {"replicas": replicas, "labels": labels}
    assert decide_replicas(status, firing=firing) == wanted


def test_functions_are_scaled_as_alerts_say(
    gateway: RunningGateway, provider: ScriptedProvider
) -> None:
    provider.functions = [
        {"name": "busy", "replicas": 1, "labels": {"com.openfaas.scale.max": "10"}},
        {"name": "calm", "replicas": 1, "labels": None},
    ]
    alerts = message(("gone.dev", "firing"), ("busy.dev", "firing"), ("calm.dev", "resolved"))
    assert gateway.send("POST", "/system/alert", alerts).status == 202
    scaled = [asked for asked in provider.asked if asked.method == "POST"]
    assert [asked.path for asked in scaled] == ["/system/scale-function/busy?namespace=dev"]
    assert json.loads(scaled[0].body) == {
        "serviceName": "busy",
        "namespace": "dev",
        "replicas": 3,
    }


def test_a_name_stays_within_its_place_in_the_path(
    gateway: RunningGateway, provider: ScriptedProvider
) -> None:
    gateway.send("POST", "/system/alert", message(("../secrets?x=", "firing")))
    (asked,) = provider.asked
    assert asked.path.startswith("/system/function/?namespace=")


@pytest.mark.parametrize(("body", "status"), [(b"{}", 400), (b"x" * (1 << 20) + b"x", 413)])
def test_what_is_no_alert_is_refused(gateway: RunningGateway, body: bytes, status: int) -> None:
    assert gateway.send("POST", "/system/alert", body).status == status
