"""What a caller who waits for a function does not wait for."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from faasd.node.domain.container import TaskState, Workload
from faasd.node.open import open_memory_node
from faasd.node.workloads.workloads import Workloads
from provider_app.domain.decide import Situation, Start
from provider_app.domain.failures import Failure
from provider_app.domain.function import FunctionKey
from provider_app.domain.probe import DEFAULT_PATHS, Probe
from provider_app.domain.rousing import decide_at_once
from provider_app.services.readiness import is_ready
from tests.unit.provider.making import NAME, NAMESPACE, function, workload
from tests.unit.provider.running import (
    AUTHORIZATION,
    RunningProvider,
    eventually,
    json_of,
    running_provider,
)
from tests.unit.provider.test_routing_feed import Following

KEY = FunctionKey(namespace=NAMESPACE, name=NAME)
PAUSED = {"labels": {"faasd.sleep.depth": "paused"}}
AT_REST = [TaskState.NONE, TaskState.PAUSED]


@pytest.mark.parametrize("state", AT_REST)
def test_what_was_seen_at_rest_is_started_at_once(state: TaskState) -> None:
    known = Situation(wanted=function(), found=[workload(state=state)])

    assert decide_at_once(known) == [Start(container="echo.1.0")]


@pytest.mark.parametrize("state", set(TaskState) - set(AT_REST))
def test_what_was_seen_in_any_other_state_is_looked_at_first(state: TaskState) -> None:
    known = Situation(wanted=function(), found=[workload(state=state)])

    assert not decide_at_once(known)


def _failure() -> Failure:
    return Failure(reason="it ended", count=1, at=0.0)


def lost(of: Workload) -> Workload:
    return replace(of, address=None)


RESTING = Situation(wanted=function(2), found=[workload(2, state=TaskState.PAUSED)])


@pytest.mark.parametrize(
    "known",
    [
        replace(RESTING, wanted=None),
        replace(RESTING, previous=1),
        replace(RESTING, failures={"echo.2.0": _failure()}),
        replace(RESTING, found=[*RESTING.found, workload(1, state=TaskState.PAUSED)]),
        replace(RESTING, found=[lost(workload(2, state=TaskState.NONE))]),
        replace(RESTING, wanted=function(2, replicas=2)),
        replace(RESTING, wanted=function(2, replicas=0)),
    ],
    ids=["removed", "updated", "failed", "older", "rebooted", "one is not made", "asleep"],
)
def test_whatever_else_is_to_be_done_is_decided_by_a_look(known: Situation) -> None:
    assert decide_at_once(RESTING)
    assert decide_at_once(known) == ()


@pytest.mark.parametrize("state", AT_REST)
def test_a_wake_looks_at_nothing_before_the_start(
    provider: RunningProvider, monkeypatch: pytest.MonkeyPatch, state: TaskState
) -> None:
    sleep(provider, state)
    asked = _record(monkeypatch)
    assert eventually(lambda: _rests(asked)), "the looks after its sleep end"

    assert provider.client.post("/system/awaken/echo").status_code == 202

    assert eventually(lambda: provider.state() == "ready")
    assert asked[0] == ("thaw" if state is TaskState.PAUSED else "start")


@pytest.mark.parametrize("state", AT_REST)
def test_what_somebody_removed_while_it_slept_is_made_anew(
    provider: RunningProvider, state: TaskState
) -> None:
    sleep(provider, state)
    node = open_memory_node(provider.world)
    node.workloads.remove(NAMESPACE, "echo.1.0")
    node.close()

    wake_and_call(provider)


def test_one_that_was_killed_while_it_was_frozen_is_started(provider: RunningProvider) -> None:
    sleep(provider, TaskState.PAUSED)
    node = open_memory_node(provider.world)
    node.workloads.stop(NAMESPACE, "echo.1.0")
    node.close()

    wake_and_call(provider)


def test_one_that_was_frozen_takes_calls_when_its_wake_is_answered(
    provider: RunningProvider,
) -> None:
    (address,) = thaw(provider)

    assert provider.running() == ["echo.1.0"]
    assert address == provider.workloads()["echo.1.0"].address
    assert is_ready(address, Probe(paths=DEFAULT_PATHS))


def test_who_follows_is_told_of_one_that_was_thawed(provider: RunningProvider) -> None:
    provider.deploy_ready(labels=PAUSED["labels"])
    with closing(Following(provider)) as following:
        following.until(lambda: following.is_synced)

        (address,) = thaw(provider)

        following.until(lambda: following.entries["echo"]["available"] == [address])
        assert following.states()[-1] == "ready"


def test_one_that_did_not_answer_when_it_was_frozen_is_asked_before_calls_come(
    provider: RunningProvider,
) -> None:
    provider.deploy(image="silent", labels=PAUSED["labels"])
    assert eventually(lambda: provider.running() == ["echo.1.0"])
    provider.scale("echo", 0)
    assert eventually(lambda: _seen_state(provider) is TaskState.PAUSED)

    answer = provider.client.post("/system/awaken/echo")

    assert (answer.status_code, answer.text) == (202, "")
    assert eventually(lambda: provider.state() == "failed")


def test_many_wakes_at_once_thaw_once_and_all_are_answered(
    provider: RunningProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep(provider, TaskState.PAUSED)
    asked = _record(monkeypatch)

    with ThreadPoolExecutor(20) as pool:
        clients = [provider.client.application.test_client() for _ in range(20)]
        for client in clients:
            client.environ_base["HTTP_AUTHORIZATION"] = AUTHORIZATION
        answers = list(pool.map(lambda client: client.post("/system/awaken/echo"), clients))

    assert {answer.status_code for answer in answers} == {202}
    assert sum(answer.text != "" for answer in answers) <= 1
    assert asked.count("thaw") == 1
    assert eventually(lambda: provider.state() == "ready")


def test_a_containerd_that_is_away_keeps_nobody_from_being_woken_later(
    provider: RunningProvider,
) -> None:
    sleep(provider, TaskState.PAUSED)
    provider.world.go_down()

    answer = provider.client.post("/system/awaken/echo")

    assert (answer.status_code, answer.text) == (202, "")
    provider.world.come_back()
    assert eventually(lambda: provider.state() == "ready"), provider.status()


def test_a_start_that_fails_is_counted_and_tried_ever_later(provider: RunningProvider) -> None:
    sleep(provider, TaskState.NONE)
    provider.world.shimless.add((NAMESPACE, "echo.1.0"))

    assert provider.client.post("/system/awaken/echo").status_code == 202

    assert eventually(lambda: provider.state() == "failed"), provider.status()
    assert "failed to create shim task" in str(provider.status())
    provider.world.shimless.clear()
    assert eventually(lambda: provider.state() == "ready"), provider.status()


def test_who_follows_is_told_of_a_thaw_though_containerd_went_away_right_after(
    provider: RunningProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provider_app.services.reconciler.ANSWERED", 0.5)
    provider.deploy_ready(labels=PAUSED["labels"])
    with closing(Following(provider)) as following:
        following.until(lambda: following.is_synced)

        def woken() -> bool:
            sleep(provider, TaskState.PAUSED)
            following.until(lambda: following.entries["echo"]["available"] == [])
            return bool(provider.client.post("/system/awaken/echo").text)

        assert eventually(woken)
        provider.world.go_down()

        following.until(lambda: following.entries["echo"]["available"] != [])
    provider.world.come_back()


def test_only_some_callers_wait_for_a_thaw_the_others_for_its_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provider_app.services.waking.THAWS", 0)
    with contextmanager(running_provider)(tmp_path) as provider:
        sleep(provider, TaskState.PAUSED)

        answer = provider.client.post("/system/awaken/echo")

        assert (answer.status_code, answer.text) == (202, "")
        assert eventually(lambda: provider.state() == "ready")


def wake_and_call(provider: RunningProvider) -> None:
    assert provider.client.post("/system/awaken/echo").status_code == 202

    assert eventually(lambda: provider.state() == "ready"), provider.status()
    assert provider.client.get("/function/echo").status_code == 200


def thaw(provider: RunningProvider) -> list[str]:
    """Let the function sleep and wake it, until it is so in the thread of the question.

    Where the reconciler is not done with its sleep yet, it is woken as one that is stopped.
    """
    answers = []

    def woken() -> bool:
        sleep(provider, TaskState.PAUSED)
        answers.append(provider.client.post("/system/awaken/echo"))
        assert answers[-1].status_code == 202
        return bool(answers[-1].text)

    assert eventually(woken)
    found: list[str] = json_of(answers[-1])["available"]
    return found


def sleep(provider: RunningProvider, state: TaskState) -> None:
    """Let the function sleep, as deep as the state says; deploy it where it is not there."""
    provider.deploy_ready(labels=PAUSED["labels"] if state is TaskState.PAUSED else {})
    provider.scale("echo", 0)
    assert eventually(lambda: provider.workloads()["echo.1.0"].state is state)
    assert eventually(lambda: provider.state() == "asleep")
    assert eventually(lambda: _seen_state(provider) is state)


def _seen_state(provider: RunningProvider) -> TaskState:
    assert provider.provider is not None
    (replica,) = provider.provider.replicas.list(KEY)
    return replica.workload.state


def _rests(asked: list[str]) -> bool:
    asked.clear()
    time.sleep(0.1)
    return not asked


def _record(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is asked of a node's containers from now on."""
    asked: list[str] = []
    for name in ("find", "list", "start", "thaw"):
        whole = getattr(Workloads, name)

        def noting(*given: object, name: str = name, whole: Any = whole) -> object:
            asked.append(name)
            return whole(*given)

        monkeypatch.setattr(Workloads, name, noting)
    return asked
