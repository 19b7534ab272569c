"""What an update may go back to, while nobody knows yet whether the update answers."""

from dataclasses import replace

import pytest

from faasd.node.domain.container import TaskState
from provider_app.domain.decide import Create, Remove, Start, Stop, Withdraw, decide, next_look
from tests.unit.provider.making import function, workload
from tests.unit.provider.test_decide import drained, failed, see, withdrawn


@pytest.mark.parametrize("state", [TaskState.NONE, TaskState.PAUSED])
def test_the_generation_to_go_back_to_is_woken_while_nobody_answers(state: TaskState) -> None:
    woken = replace(see(function(2), workload(1, state=state), workload(2)), previous=1)
    answers = replace(woken, ready=frozenset({"echo.2.0"}))

    assert decide(woken) == [Start(container="echo.1.0")]
    assert decide(answers) == [Remove(container="echo.1.0")]
    starting = replace(woken, found=(workload(1, state=state), workload(2, state=TaskState.NONE)))
    assert decide(starting) == [Start(container="echo.1.0"), Start(container="echo.2.0")]


def test_a_trial_alone_wakes_nobody_else() -> None:
    tried = see(function(generation=2), workload(1, state=TaskState.NONE), workload(2))

    assert decide(replace(tried, previous=1, trial=True)) == []


def test_the_generation_to_go_back_to_is_made_whole_after_a_reboot_and_not_tried_in_a_hurry() -> (
    None
):
    lost = workload(1, state=TaskState.NONE, address=None)
    woken = replace(see(function(2), lost, workload(2)), previous=1, now=100.0)

    assert decide(woken) == [Create(container="echo.1.0", replica=0), Start(container="echo.1.0")]
    fails = replace(woken, failures={"echo.1.0": failed(count=3)})
    assert decide(fails) == []
    assert next_look(fails) == 102


def test_while_it_sleeps_the_good_generation_stays_beside_an_untried_one() -> None:
    untried = workload(2, state=TaskState.NONE)
    beside = replace(
        see(function(2, 0), workload(1, state=TaskState.NONE), untried, workload(3)), previous=1
    )

    assert decide(beside) == [Withdraw(container="echo.3.0")]
    assert decide(replace(beside, previous=None)) == [
        Remove(container="echo.1.0"),
        Withdraw(container="echo.3.0"),
    ]


def test_the_good_generation_sleeps_as_well_when_its_update_is_put_to_sleep() -> None:
    found = (workload(1), workload(2, state=TaskState.NONE))
    runs = replace(see(function(2, 0), *found, ready=("echo.1.0",)), previous=1)

    assert decide(runs) == [Withdraw(container="echo.1.0")]
    assert decide(withdrawn(runs, "echo.1.0")) == []
    assert decide(drained(runs, "echo.1.0")) == [Stop(container="echo.1.0")]
    frozen = replace(runs, found=(workload(1, state=TaskState.PAUSED), found[1]))
    assert decide(frozen) == []
    assert decide(replace(frozen, deep=True)) == [Stop(container="echo.1.0")]
