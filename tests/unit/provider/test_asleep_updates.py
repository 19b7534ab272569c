"""An update of a function that is asleep is tried, and then it sleeps on."""

from pathlib import Path

import pytest

from faasd.node.domain.container import TaskState
from tests.unit.provider.running import NAMESPACE, RunningProvider, eventually, json_of

BLUE, GREEN = {"COLOUR": "blue"}, {"COLOUR": "green"}
PAUSED = {"faasd.sleep.depth": "paused"}
LATE = {"com.openfaas.ready.http.initialDelay": "700ms"}
"""Long enough to do something else while an update is tried."""


@pytest.fixture
def asleep(provider: RunningProvider) -> RunningProvider:
    """A provider whose function sleeps, and whose updates have little time."""
    provider.stop()
    provider.start(update_timeout=0.4)
    provider.deploy_ready(envVars=BLUE)
    fall_asleep(provider)
    return provider


def fall_asleep(provider: RunningProvider) -> None:
    assert provider.scale("echo", 0).status_code == 202
    assert eventually(lambda: provider.running() == [])


def environment(provider: RunningProvider) -> object:
    answer = provider.client.get("/function/echo")
    assert answer.status_code == 200, answer.text
    return json_of(answer)["env"]


def test_a_good_update_is_tried_and_sleeps_and_the_first_call_meets_it(
    asleep: RunningProvider,
) -> None:
    asleep.update(envVars=GREEN, labels=LATE)

    assert eventually(lambda: asleep.running() == ["echo.2.0"])
    assert asleep.status()["replicas"] == 0
    assert set(asleep.workloads()) == {"echo.1.0", "echo.2.0"}
    assert eventually(lambda: list(asleep.workloads()) == ["echo.2.0"])
    assert eventually(lambda: asleep.running() == [])
    assert (asleep.state(), asleep.reason()) == ("asleep", "")
    assert environment(asleep) == GREEN


@pytest.mark.parametrize("image", ["exit", "silent"])
@pytest.mark.parametrize("strategy", ["rolling", "recreate"])
def test_a_bad_update_is_taken_back_while_nobody_calls(
    asleep: RunningProvider, image: str, strategy: str
) -> None:
    asleep.update(image=image, labels={"com.openfaas.update.strategy": strategy})

    assert eventually(lambda: "rolled back after 0.4 s" in asleep.reason())
    assert (asleep.state(), asleep.status()["replicas"]) == ("asleep", 0)
    assert eventually(lambda: list(asleep.workloads()) == ["echo.1.0"])
    assert eventually(lambda: asleep.running() == [])
    assert environment(asleep) == BLUE


def test_a_call_that_comes_while_an_update_is_tried_is_answered_and_keeps_it_awake(
    asleep: RunningProvider,
) -> None:
    asleep.update(envVars=GREEN, labels=LATE)
    assert eventually(lambda: asleep.running() == ["echo.2.0"])

    assert environment(asleep) in (BLUE, GREEN)

    assert eventually(lambda: list(asleep.workloads()) == ["echo.2.0"])
    assert asleep.state() == "ready"
    assert not eventually(lambda: asleep.running() == [], 0.3)
    assert environment(asleep) == GREEN


@pytest.mark.parametrize("depth", ["stopped", "paused"])
@pytest.mark.parametrize("image", ["exit", "silent"])
def test_a_call_that_comes_while_a_bad_update_is_tried_is_answered_by_what_was_before(
    provider: RunningProvider, image: str, depth: str
) -> None:
    labels = {"faasd.sleep.depth": depth}
    provider.stop()
    provider.start(update_timeout=60.0)
    provider.deploy_ready(envVars=BLUE, labels=labels)
    fall_asleep(provider)
    provider.update(image=image, labels=labels)
    assert eventually(lambda: "echo.2.0" in provider.workloads())
    assert not eventually(lambda: "echo.1.0" in provider.running(), 0.4)

    assert environment(provider) == BLUE

    assert "rolled back" not in provider.reason()
    assert set(provider.workloads()) == {"echo.1.0", "echo.2.0"}


def test_what_was_before_a_bad_update_serves_after_a_reboot_too(provider: RunningProvider) -> None:
    provider.deploy_ready(envVars=BLUE)
    provider.update(image="silent")
    assert eventually(lambda: "echo.2.0" in provider.workloads())

    provider.reboot()

    assert eventually(lambda: provider.status()["availableReplicas"] == 1)
    assert environment(provider) == BLUE


def test_what_was_before_a_bad_update_is_started_again_when_it_ends_and_ever_later(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready(envVars=BLUE)
    provider.update(image="silent")
    assert eventually(lambda: "echo.2.0" in provider.running())
    before = provider.workloads()["echo.1.0"].task.pid
    provider.world.crash(NAMESPACE, "echo.1.0")

    assert eventually(lambda: provider.workloads()["echo.1.0"].task.pid != before)
    assert eventually(lambda: provider.status()["availableReplicas"] == 1)
    assert environment(provider) == BLUE


def test_a_trial_goes_on_after_a_restart_and_ends(asleep: RunningProvider) -> None:
    asleep.update(image="silent")
    assert eventually(lambda: asleep.running() == ["echo.2.0"])

    asleep.stop()
    asleep.start()

    assert eventually(lambda: "rolled back" in asleep.reason())
    assert eventually(lambda: list(asleep.workloads()) == ["echo.1.0"])
    assert asleep.running() == []


def test_a_second_update_during_the_trial_goes_back_to_what_was_good(
    asleep: RunningProvider,
) -> None:
    asleep.update(image="silent")
    assert eventually(lambda: asleep.running() == ["echo.2.0"])
    asleep.update(image="exit")

    assert eventually(lambda: "rolled back" in asleep.reason())
    assert eventually(lambda: list(asleep.workloads()) == ["echo.1.0"])


def test_without_room_for_a_trial_it_is_judged_when_it_first_wakes(
    asleep: RunningProvider,
) -> None:
    asleep.stop()
    asleep.start(memory_reserve=(8 << 30) - (100 << 20))
    asleep.deploy_ready("other", requests={"memory": "90Mi"})

    assert asleep.update(image="silent", requests={"memory": "101Mi"}).status_code == 507
    assert asleep.update(image="silent", requests={"memory": "50Mi"}).status_code == 202

    assert eventually(lambda: "echo.4.0" in asleep.workloads())
    assert asleep.workloads()["echo.4.0"].state is TaskState.NONE
    assert "echo.1.0" in asleep.workloads()
    assert not eventually(lambda: asleep.running() != [] or asleep.reason() != "", 0.6)
    assert environment(asleep) == BLUE
    assert eventually(lambda: "rolled back" in asleep.reason())
    assert eventually(lambda: asleep.state() == "ready")
    assert environment(asleep) == BLUE


def full(provider: RunningProvider, memory: str) -> None:
    """Let other functions ask for what is left of 100 MiB."""
    provider.stop()
    provider.start(memory_reserve=(8 << 30) - (100 << 20))
    provider.deploy_ready("other", requests={"memory": memory})


def requested(provider: RunningProvider) -> int:
    return int(json_of(provider.client.get("/system/info"))["memory"]["requestedBytes"])


def states(provider: RunningProvider) -> dict[str, TaskState]:
    return {name: each.state for name, each in provider.workloads().items()}


def test_one_that_was_stopped_for_others_is_updated_and_sleeps_on_without_room(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready(labels=PAUSED, requests={"memory": "60Mi"})
    fall_asleep(provider)
    full(provider, "90Mi")
    assert eventually(lambda: states(provider) == {"echo.1.0": TaskState.NONE})

    assert provider.scale("echo", 0).status_code == 202
    again = provider.update(labels=PAUSED, requests={"memory": "60Mi"}, envVars=GREEN)

    assert (again.status_code, requested(provider)) == (202, 90 << 20)
    assert eventually(
        lambda: states(provider) == {"echo.1.0": TaskState.NONE, "echo.3.0": TaskState.NONE}
    )


def test_one_that_is_not_tried_has_no_process_to_freeze_and_asks_for_nothing(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready(labels=PAUSED, requests={"memory": "40Mi"})
    fall_asleep(provider)
    full(provider, "60Mi")
    assert states(provider) == {"echo.1.0": TaskState.PAUSED}

    larger = provider.update(labels=PAUSED, requests={"memory": "50Mi"})

    assert (larger.status_code, requested(provider)) == (202, 60 << 20)
    assert eventually(
        lambda: states(provider) == {"echo.1.0": TaskState.NONE, "echo.3.0": TaskState.NONE}
    )
    assert provider.client.get("/function/echo").status_code == 200
    assert eventually(lambda: states(provider) == {"echo.3.0": TaskState.RUNNING})
    assert provider.scale("echo", 0).status_code == 202
    assert eventually(lambda: states(provider) == {"echo.3.0": TaskState.PAUSED})
    assert requested(provider) == 110 << 20


def test_while_it_is_tried_its_replica_is_in_no_route(asleep: RunningProvider) -> None:
    asleep.update(envVars=GREEN, labels=LATE)
    assert eventually(lambda: asleep.running() == ["echo.2.0"])
    server = f" {asleep.workloads()['echo.2.0'].address}:8080\n"
    config = Path(asleep.config.router_directory, "haproxy.cfg")

    assert not eventually(lambda: server in config.read_text() or asleep.running() == [], 0.5)
    assert not eventually(lambda: server in config.read_text(), 0.5)
    assert environment(asleep) == GREEN
    assert eventually(lambda: server in config.read_text())
