"""What is to be done about one function."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from faasd.node.domain.container import TaskState, Workload
from provider_app.domain.decide import (
    Create,
    Remove,
    Restore,
    Situation,
    Start,
    Stop,
    Withdraw,
    decide,
    next_look,
)
from provider_app.domain.failures import Failure
from provider_app.domain.function import Function
from tests.unit.provider.making import function, workload


def see(wanted: Function | None, *found: Workload, ready: tuple[str, ...] = ()) -> Situation:
    return Situation(wanted=wanted, found=found, ready=frozenset(ready))


def withdrawn(situation: Situation, *names: str) -> Situation:
    return replace(situation, withdrawn=frozenset(names))


def drained(situation: Situation, *names: str) -> Situation:
    return replace(situation, withdrawn=frozenset(names), drained=frozenset(names))


def failed(count: int, at: float = 100.0) -> Failure:
    return Failure(reason="it fell", count=count, at=at)


def test_a_new_function_is_made_and_started() -> None:
    assert decide(see(function())) == [
        Create(container="echo.1.0", replica=0),
        Start(container="echo.1.0"),
    ]


@pytest.mark.parametrize("wanted", [None, function(2, 0)])
def test_what_cannot_be_removed_is_tried_again_ever_later(wanted: Function | None) -> None:
    situation = replace(
        see(wanted, workload(1, 3, TaskState.NONE), workload(2)),
        withdrawn=frozenset({"echo.2.0"}),
        drained=frozenset({"echo.2.0"}),
        failures={"echo.1.3": failed(3), "echo.2.0": failed(4)},
        now=101,
    )

    assert decide(situation) == []
    assert next_look(situation) == 102
    assert decide(replace(situation, now=102)) == [Remove(container="echo.1.3")]
    assert len(decide(replace(situation, now=104))) == 2


def test_a_function_as_it_is_wanted_is_let_alone() -> None:
    assert decide(see(function(), workload())) == []
    assert decide(see(function(), workload(), ready=("echo.1.0",))) == []


def test_a_function_that_is_not_wanted_loses_every_container() -> None:
    situation = see(None, workload(1), workload(2, 1, TaskState.STOPPED))

    assert decide(situation) == [Withdraw(container="echo.1.0"), Remove(container="echo.2.1")]
    assert decide(drained(situation, "echo.1.0")) == [
        Remove(container="echo.1.0"),
        Remove(container="echo.2.1"),
    ]


def test_asleep_keeps_one_container_that_does_not_run() -> None:
    situation = see(function(replicas=0), workload())

    assert decide(situation) == [Withdraw(container="echo.1.0")]
    assert decide(withdrawn(situation, "echo.1.0")) == []
    assert decide(drained(situation, "echo.1.0")) == [Stop(container="echo.1.0")]
    assert decide(see(function(replicas=0), workload(state=TaskState.NONE))) == []


@pytest.mark.parametrize("leaving", [withdrawn, drained])
def test_a_replica_that_leaves_and_is_wanted_again_comes_back(
    leaving: Callable[..., Situation],
) -> None:
    awake = see(function(), workload(), ready=("echo.1.0",))

    assert decide(leaving(awake, "echo.1.0")) == [Restore(container="echo.1.0")]


def test_the_old_generation_comes_back_when_the_new_one_dies_before_it_went() -> None:
    found = (workload(1), workload(2, state=TaskState.NONE))
    situation = withdrawn(see(function(2), *found, ready=("echo.1.0",)), "echo.1.0")

    assert decide(situation) == [Start(container="echo.2.0"), Restore(container="echo.1.0")]


def test_who_comes_back_comes_back_before_another_goes() -> None:
    found = (workload(1), workload(2))
    situation = withdrawn(see(function(3), *found, ready=("echo.1.0", "echo.2.0")), "echo.2.0")

    assert decide(situation)[2:] == [
        Restore(container="echo.2.0"),
        Withdraw(container="echo.1.0"),
    ]


def test_a_frozen_replica_that_goes_is_waited_for_by_nobody() -> None:
    frozen = workload(state=TaskState.PAUSED)

    assert decide(see(function(replicas=0), frozen)) == [Stop(container="echo.1.0")]
    assert decide(see(None, frozen)) == [Remove(container="echo.1.0")]


def test_a_function_deployed_asleep_has_its_container_made_for_a_quick_start() -> None:
    assert decide(see(function(replicas=0))) == [Create(container="echo.1.0", replica=0)]


def test_asleep_function_that_wakes_is_only_started() -> None:
    found = workload(state=TaskState.NONE)

    assert decide(see(function(replicas=1), found)) == [Start(container="echo.1.0")]


def test_paused_replica_that_shall_run_is_started() -> None:
    assert decide(see(function(), workload(state=TaskState.PAUSED))) == [
        Start(container="echo.1.0")
    ]


def test_a_reboots_losses_are_made_again_before_the_start() -> None:
    found = workload(state=TaskState.NONE, address=None)

    assert decide(see(function(), found)) == [
        Create(container="echo.1.0", replica=0),
        Start(container="echo.1.0"),
    ]


def test_update_starts_the_new_generation_and_lets_the_old_serve() -> None:
    actions = decide(see(function(generation=2), workload(1), ready=("echo.1.0",)))

    assert actions == [Create(container="echo.2.0", replica=0), Start(container="echo.2.0")]


def test_old_generation_goes_when_the_new_one_is_ready() -> None:
    situation = see(function(generation=2), workload(1), workload(2), ready=("echo.2.0",))

    assert decide(situation) == [Withdraw(container="echo.1.0")]
    assert decide(drained(situation, "echo.1.0")) == [Remove(container="echo.1.0")]


def test_an_older_generation_that_never_answered_gives_way_to_one_that_does_not_either() -> None:
    both = see(function(2), workload(1), workload(2))

    assert decide(both) == []
    assert decide(replace(both, late=frozenset({"echo.1.0"}))) == [Withdraw(container="echo.1.0")]


def test_a_generation_that_fails_leaves_the_old_one_serving() -> None:
    situation = replace(
        see(function(generation=2), workload(1), ready=("echo.1.0",)),
        failures={"echo.2.0": failed(count=5)},
        now=100.5,
    )

    assert decide(situation) == []
    assert next_look(situation) == 108


def test_of_several_old_generations_the_one_that_answers_is_kept() -> None:
    found = (workload(1), workload(2), workload(3))

    assert decide(see(function(generation=3), *found, ready=("echo.1.0",))) == [
        Withdraw(container="echo.2.0")
    ]


def test_an_update_that_overtakes_another_leaves_all_who_serve_until_it_is_whole() -> None:
    first = [workload(1, number) for number in range(3)]
    second = [workload(2, number) for number in range(3)]
    third = [workload(3, number) for number in range(3)]
    ready = ["echo.1.0", "echo.1.1", "echo.1.2", "echo.2.0"]

    for _ in range(3):
        now = see(function(3, replicas=3), *first, *second, *third, ready=tuple(ready))
        assert decide(now) == []
        ready.append(f"echo.3.{len(ready) - 4}")
    now = see(function(3, replicas=3), *first, *second, *third, ready=tuple(ready))
    assert decide(now) == [Withdraw(container=w.id) for w in (*first, *second)]


def test_the_generation_to_go_back_to_is_kept_though_a_later_one_answers() -> None:
    found = (workload(1), workload(2), workload(3))
    situation = see(function(generation=3), *found, ready=("echo.2.0",))

    assert decide(replace(situation, previous=1)) == []
    assert decide(situation) == [Withdraw(container="echo.1.0")]
    answers = replace(situation, previous=1, ready=frozenset({"echo.3.0"}))
    assert [action.container for action in decide(answers)] == ["echo.1.0", "echo.2.0"]


def test_an_old_generation_that_does_not_run_is_of_no_use() -> None:
    found = (workload(1, state=TaskState.STOPPED), workload(2))

    assert decide(see(function(generation=2), *found)) == [Remove(container="echo.1.0")]


def test_replicas_beyond_the_wanted_are_removed() -> None:
    found = [workload(replica=number) for number in range(3)]

    situation = see(function(replicas=1), *found, ready=("echo.1.0",))

    assert decide(situation) == [Withdraw(container="echo.1.1"), Withdraw(container="echo.1.2")]
    assert decide(drained(situation, "echo.1.2")) == [
        Withdraw(container="echo.1.1"),
        Remove(container="echo.1.2"),
    ]


@pytest.mark.parametrize(("count", "delay"), [(1, 0), (2, 1), (3, 2), (4, 4), (8, 60), (99, 60)])
def test_a_failed_replica_is_tried_again_after_a_growing_while(count: int, delay: float) -> None:
    failure = failed(count)
    situation = replace(
        see(function(), workload(state=TaskState.NONE)), failures={"echo.1.0": failure}
    )

    assert failure.retry_at == 100 + delay
    assert decide(replace(situation, now=failure.retry_at)) == [Start(container="echo.1.0")]
    if delay:
        assert decide(replace(situation, now=failure.retry_at - 0.1)) == []
        assert next_look(replace(situation, now=100)) == failure.retry_at


def test_one_replicas_failure_keeps_no_other_from_its_start() -> None:
    situation = replace(
        see(function(replicas=2)), failures={"echo.1.0": failed(count=9)}, now=100.0
    )

    assert decide(situation) == [
        Create(container="echo.1.1", replica=1),
        Start(container="echo.1.1"),
    ]
