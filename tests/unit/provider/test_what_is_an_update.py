"""Each thing that differs is an update; what does not differ restarts nothing."""

from typing import Any

import pytest

from tests.unit.provider.running import RunningProvider, eventually, json_of

SECRETS = "/system/secrets"
FIRST: dict[str, Any] = {
    "envVars": {"A": "1", "B": "2"},
    "secrets": ["one", "two"],
    "labels": {"team": "red"},
    "constraints": ["kubernetes.io/os=linux", "node.platform.os == linux"],
}


@pytest.fixture
def deployed(provider: RunningProvider) -> RunningProvider:
    """A provider with a function that has of everything."""
    for name in ("one", "two"):
        assert provider.client.post(SECRETS, json={"name": name, "value": "1"}).status_code == 201
    provider.deploy_ready(**FIRST)
    return provider


def pid_of(provider: RunningProvider) -> int:
    [found] = provider.workloads().values()
    return found.task.pid


@pytest.mark.parametrize(
    "change",
    [
        {"envVars": {"A": "1", "B": "3"}},
        {"envVars": {"A": "1"}},
        {"secrets": ["one"]},
        {"labels": {"team": "blue"}},
        {"annotations": {"owner": "me"}},
        {"envProcess": "/bin/serve"},
        {"limits": {"memory": "64Mi"}},
        {"requests": {"memory": "64Mi"}},
        {"readOnlyRootFilesystem": True},
        {"image": "silent"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_one_difference_is_enough(deployed: RunningProvider, change: dict[str, Any]) -> None:
    assert deployed.update(**FIRST | change).status_code == 202

    assert eventually(lambda: "echo.2.0" in deployed.workloads())


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"envVars": {"B": "2", "A": "1"}},
        {"secrets": ["two", "one", "two"]},
        {"constraints": ["node.platform.os == linux", "kubernetes.io/os=linux"]},
        {"image": "docker.io/library/serve:latest"},
        {"envProcess": None, "annotations": None, "limits": {}, "requests": None},
        {"namespace": "openfaas-fn", "unknown": 1},
    ],
    ids=lambda change: next(iter(change), "nothing"),
)
def test_what_asks_for_the_same_restarts_nothing(
    deployed: RunningProvider, change: dict[str, Any]
) -> None:
    before = pid_of(deployed)

    assert deployed.update(**FIRST | change).status_code == 202

    assert not eventually(lambda: list(deployed.workloads()) != ["echo.1.0"], 0.2)
    assert pid_of(deployed) == before


def test_what_was_told_of_a_function_may_be_sent_back(deployed: RunningProvider) -> None:
    told = deployed.status()
    assert "com.openfaas.status.state" in told["annotations"]
    before = pid_of(deployed)

    answer = deployed.client.put("/system/functions", json=told | {"service": "echo"})

    assert answer.status_code == 202
    assert not eventually(lambda: list(deployed.workloads()) != ["echo.1.0"], 0.2)
    assert pid_of(deployed) == before
    deployed.update(image="exit")
    assert eventually(lambda: deployed.state() == "degraded")


def test_a_secrets_new_value_restarts_nothing(deployed: RunningProvider) -> None:
    before = pid_of(deployed)

    assert deployed.client.put(SECRETS, json={"name": "one", "value": "2"}).status_code == 202

    assert pid_of(deployed) == before
    assert json_of(deployed.client.get("/function/echo"))["env"] == FIRST["envVars"]


def test_a_delete_that_a_restart_cut_off_is_finished(deployed: RunningProvider) -> None:
    with deployed.call_in_flight("echo"):
        assert deployed.delete().status_code == 202
        assert deployed.client.get("/function/echo").status_code == 404
        assert not eventually(lambda: deployed.running() == [], 0.2)
        deployed.stop()

    assert list(deployed.workloads()) == ["echo.1.0"]
    deployed.start()
    assert eventually(deployed.is_empty)
