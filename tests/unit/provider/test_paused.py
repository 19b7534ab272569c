"""A function whose label says so is frozen while it sleeps."""

from dataclasses import replace

import pytest

from faasd.node.domain.container import TaskState, Workload
from provider_app.domain.decide import Pause, Remove, Situation, Start, Stop, Withdraw, decide
from provider_app.domain.function import FunctionKey
from provider_app.domain.replica import Replica, see_again
from tests.unit.provider.making import NAME, NAMESPACE, function, workload
from tests.unit.provider.running import RunningProvider, eventually

LABELS = {"faasd.sleep.depth": "paused"}
ASLEEP = function(replicas=0, asked={"labels": LABELS})


def test_it_is_paused_once_its_last_requests_have_ended() -> None:
    runs = Situation(wanted=ASLEEP, found=[workload()], ready=frozenset({"echo.1.0"}))
    drained = replace(runs, withdrawn=frozenset({"echo.1.0"}), drained=frozenset({"echo.1.0"}))

    assert decide(runs) == [Withdraw(container="echo.1.0")]
    assert decide(drained) == [Pause(container="echo.1.0")]


def test_what_is_paused_stays_so_and_is_thawed_when_it_is_wanted() -> None:
    paused = workload(state=TaskState.PAUSED)

    assert decide(Situation(wanted=ASLEEP, found=[paused])) == []
    awake = Situation(wanted=function(asked={"labels": LABELS}), found=[paused])
    assert decide(awake) == [Start(container="echo.1.0")]


def test_without_the_label_what_somebody_paused_is_stopped() -> None:
    paused = workload(state=TaskState.PAUSED)

    assert decide(Situation(wanted=function(replicas=0), found=[paused])) == [
        Stop(container="echo.1.0")
    ]


def test_a_function_that_ended_by_itself_is_buried_not_paused() -> None:
    ended = workload(state=TaskState.STOPPED)

    assert decide(Situation(wanted=ASLEEP, found=[ended])) == [Stop(container="echo.1.0")]


def test_recreate_removes_what_is_paused_before_it_starts_the_new() -> None:
    labels = {"com.openfaas.update.strategy": "recreate"}
    wanted = function(2, asked={"labels": labels})
    made = workload(2, state=TaskState.NONE)

    assert decide(Situation(wanted=wanted, found=[workload(state=TaskState.PAUSED), made])) == [
        Remove(container="echo.1.0")
    ]
    assert decide(Situation(wanted=wanted, found=[made])) == [Start(container="echo.2.0")]


KEY = FunctionKey(namespace=NAMESPACE, name=NAME)


def at(state: TaskState, pid: int = 7) -> Workload:
    seen = workload(state=state)
    return replace(seen, task=replace(seen.task, pid=pid))


@pytest.mark.parametrize("ready", [True, False])
def test_what_is_thawed_is_as_ready_as_it_was_when_it_was_frozen(*, ready: bool) -> None:
    running = Replica(key=KEY, workload=at(TaskState.RUNNING), ready=ready)
    frozen = see_again(running, at(TaskState.PAUSED))

    assert not frozen.ready
    assert see_again(frozen, at(TaskState.RUNNING)).ready is ready


def test_what_is_seen_frozen_twice_still_answered_before() -> None:
    running = Replica(key=KEY, workload=at(TaskState.RUNNING), ready=True)
    frozen = see_again(running, at(TaskState.PAUSED))

    assert see_again(frozen, at(TaskState.PAUSED)) == frozen


def test_another_process_is_asked_even_where_the_one_before_was_frozen() -> None:
    running = Replica(key=KEY, workload=at(TaskState.RUNNING), ready=True)
    frozen = see_again(running, at(TaskState.PAUSED))

    assert not see_again(frozen, at(TaskState.RUNNING, pid=8)).ready


def test_a_thawed_function_does_not_wait_for_its_initial_delay_again(
    provider: RunningProvider,
) -> None:
    labels = LABELS | {"com.openfaas.health.http.initialDelay": "2s"}
    provider.deploy_ready(labels=labels)
    provider.scale("echo", 0)
    assert eventually(lambda: state(provider) is TaskState.PAUSED)

    assert provider.client.post("/system/awaken/echo").status_code == 202

    assert eventually(lambda: provider.state() == "ready", 1)


def test_the_same_process_sleeps_and_answers_again(provider: RunningProvider) -> None:
    provider.deploy_ready(labels=LABELS)
    before = provider.workloads()["echo.1.0"].task.pid
    for _ in range(3):
        provider.scale("echo", 0)
        assert eventually(lambda: state(provider) is TaskState.PAUSED)
        assert provider.state() == "asleep"

        assert provider.client.post("/system/awaken/echo").status_code == 202
        assert eventually(lambda: provider.state() == "ready")
        assert provider.client.get("/function/echo").status_code == 200

    assert provider.workloads()["echo.1.0"].task.pid == before


def test_it_stays_paused_through_a_restart_and_can_be_removed(provider: RunningProvider) -> None:
    provider.deploy_ready(labels=LABELS)
    provider.scale("echo", 0)
    assert eventually(lambda: state(provider) is TaskState.PAUSED)
    provider.stop()
    provider.start()
    assert not eventually(lambda: state(provider) is not TaskState.PAUSED, 0.5)

    provider.delete()

    assert eventually(lambda: provider.workloads() == {})


def test_an_update_replaces_what_is_paused_by_what_is_paused(provider: RunningProvider) -> None:
    provider.deploy_ready(labels=LABELS)
    provider.scale("echo", 0)
    assert eventually(lambda: state(provider) is TaskState.PAUSED)

    provider.update(labels=LABELS, envVars={"A": "1"})

    assert eventually(lambda: list(provider.workloads()) == ["echo.2.0"])
    assert eventually(lambda: state(provider, "echo.2.0") is TaskState.PAUSED)
    assert provider.state() == "asleep"


def test_one_whose_memory_is_needed_is_stopped_and_paused_again_when_it_next_sleeps() -> None:
    paused = workload(state=TaskState.PAUSED)
    needed = Situation(wanted=ASLEEP, found=[paused], deep=True)

    assert decide(needed) == [Stop(container="echo.1.0")]
    assert decide(replace(needed, found=[workload(state=TaskState.NONE)])) == []


def state(provider: RunningProvider, container: str = "echo.1.0") -> TaskState | None:
    found = provider.workloads().get(container)
    return None if found is None else found.state
