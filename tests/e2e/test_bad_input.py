"""What is wrong is refused with the right status and a sentence that names it; nothing is left."""

from typing import Any

import pytest

from tests.e2e.client import Client
from tests.e2e.inventory import inventory
from tests.e2e.machine import Machine
from tests.machine.processes import wait_until

Images = dict[str, str]

# What is wrong with a deployment → a word the sentence must hold.
MALFORMED: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"service": ""}, "service"),
    "upper case name": ({"service": "Echo"}, "service"),
    "name with a path": ({"service": "../etc"}, "service"),
    "name of 64 characters": ({"service": "a" * 64}, "service"),
    "name that is a number": ({"service": 7}, "service"),
    "no image": ({"image": ""}, "image"),
    "image with a space": ({"image": "no such/image"}, "image"),
    "image with a bad digest": ({"image": "echo@sha256:123"}, "image"),
    "memory is no quantity": ({"limits": {"memory": "lots"}}, "memory"),
    "negative memory": ({"limits": {"memory": "-1Mi"}}, "memory"),
    "zero cpu": ({"limits": {"cpu": "0"}}, "cpu"),
    "requests are no quantity": ({"requests": {"cpu": "x"}}, "cpu"),
    "env is a list": ({"envVars": ["A=B"]}, "envVars"),
    "env key with an equals sign": ({"envVars": {"A=B": "c"}}, "envVars"),
    "env value is a number": ({"envVars": {"A": 1}}, "envVars"),
    "env with a zero byte": ({"envVars": {"A": "\0"}}, "envVars"),
    "label is a number": ({"labels": {"a": 1}}, "labels"),
    "scale label is no number": ({"labels": {"com.openfaas.scale.min": "few"}}, "scale.min"),
    "annotations are a string": ({"annotations": "x"}, "annotations"),
    "secrets are a string": ({"secrets": "key"}, "secrets"),
    "secret with a path": ({"secrets": ["../../etc/shadow"]}, "secret"),
    "unknown namespace": ({"namespace": "elsewhere"}, "elsewhere"),
    "core namespace": ({"namespace": "openfaas"}, "openfaas"),
    "read-only root is a string": ({"readOnlyRootFilesystem": "yes"}, "readOnlyRootFilesystem"),
}


@pytest.fixture
def other(client: Client, images: Images) -> str:
    """A function that is none of what goes wrong."""
    client.deploy("other", images["serve"])
    client.wait_ready("other")
    return "other"


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_deployment_is_refused_naming_the_field(
    client: Client, machine: Machine, images: Images, case: str
) -> None:
    changes, word = MALFORMED[case]
    before = inventory(machine.containerd)

    answer = client.call(
        "POST", "/system/functions", {"service": "bad", "image": images["serve"]} | changes
    )

    assert 400 <= answer.status < 500, answer.text
    assert word in answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    assert client.names() == set()
    assert inventory(machine.containerd) == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"{}" * 3])
def test_what_is_no_json_object_is_refused(client: Client, body: bytes) -> None:
    for method, path in (
        ("POST", "/system/functions"),
        ("PUT", "/system/functions"),
        ("DELETE", "/system/functions"),
        ("POST", "/system/scale-function/echo"),
    ):
        answer = client.call(method, path, body)

        assert answer.status in (400, 404), f"{method} {path}: {answer.text}"
        assert answer.text


def test_a_body_that_is_too_large_is_refused(client: Client) -> None:
    answer = client.call("POST", "/system/functions", b'{"service": "' + b"a" * (8 << 20) + b'"}')

    assert answer.status == 413


def test_missing_secret_is_refused_by_name(client: Client, images: Images) -> None:
    answer = client.deploy("echo", images["serve"], secrets=["api-key"])

    assert 400 <= answer.status < 500
    assert "api-key" in answer.text
    assert client.names() == set()


@pytest.mark.parametrize("image", ["127.0.0.1:5000/nothing:1", "127.0.0.1:5000/serve:9"])
def test_unknown_image_is_told_and_leaves_nothing(
    client: Client, machine: Machine, image: str
) -> None:
    reason = deploy_and_get_refusal(client, image)

    assert image.split(":")[-2].rsplit("/", maxsplit=1)[-1] in reason
    assert inventory(machine.containerd)["containers"] == 0


def test_image_for_another_machine_is_told_with_its_platform(
    client: Client, images: Images
) -> None:
    reason = deploy_and_get_refusal(client, images["foreign"])

    assert "linux/" in reason


def test_unreachable_registry_is_told(client: Client) -> None:
    reason = deploy_and_get_refusal(client, "127.0.0.1:1/serve:1")

    assert "127.0.0.1:1" in reason


def deploy_and_get_refusal(client: Client, image: str) -> str:
    """Deploy; return the sentence, whether it is refused at once or told by the status."""
    answer = client.deploy("bad", image)
    if answer.status >= 400:
        assert answer.status < 600
        return answer.text
    return wait_for_reason(client, "bad")


def wait_for_reason(client: Client, name: str, word: str = "") -> str:
    """Return what a function's status says of why it does not run, once it has `word` in it."""

    def reason() -> str:
        return reason_of(client.describe(name).json)

    wait_until(
        lambda: bool(reason()) and word in reason(), 30, f"a reason in {client.describe(name).text}"
    )
    return reason()


def reason_of(status: dict[str, Any]) -> str:
    """Find the reason, in the annotations so that clients show it."""
    found = [str(v) for k, v in status.get("annotations", {}).items() if "reason" in k]
    return " ".join([*found, str(status.get("reason", ""))]).strip()


def test_an_image_that_exits_at_once_is_told_with_its_status(
    client: Client, images: Images, other: str
) -> None:
    client.deploy("bad", images["exit"])

    reason = wait_for_reason(client, "bad", "exit")

    assert "status" in reason
    assert client.replicas("bad") == 0
    assert client.invoke(other).status == 200


def test_a_port_that_never_opens_is_told(client: Client, images: Images, other: str) -> None:
    client.deploy("bad", images["silent"])

    reason = wait_for_reason(client, "bad")

    assert "8080" in reason or "ready" in reason
    assert client.replicas("bad") == 0
    assert client.invoke("bad").status in (502, 503, 504)
    assert client.invoke(other).status == 200


@pytest.mark.parametrize("replicas", [-1, 2.5, "many", None, 10**9])
def test_a_number_of_replicas_that_cannot_be_is_refused(
    client: Client, other: str, replicas: object
) -> None:
    answer = client.scale(other, replicas)

    assert answer.status == (422 if replicas == 10**9 else 400)
    assert "replicas" in answer.text
    assert client.replicas(other) == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/system/functions", {"service": "ghost", "image": "127.0.0.1:5000/serve:1"}),
        ("DELETE", "/system/functions", {"functionName": "ghost"}),
        ("POST", "/system/scale-function/ghost", {"serviceName": "ghost", "replicas": 1}),
        ("GET", "/system/function/ghost", None),
        ("GET", "/function/ghost", None),
    ],
)
def test_what_does_not_exist_is_not_found_by_name(
    client: Client, method: str, path: str, body: object
) -> None:
    answer = client.call(method, path, body)

    assert answer.status == 404
    assert "ghost" in answer.text
