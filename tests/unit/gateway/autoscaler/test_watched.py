"""What is remembered of a function: its load, and what a person asked for."""

import pytest

from faasd.base.errors import NoRoom
from faasd.base.load import LoadType
from faasd.gateway.autoscaler.actions import Action, Scale
from faasd.gateway.autoscaler.floor import HOLDS
from faasd.gateway.autoscaler.policy import Policy
from faasd.gateway.autoscaler.quiet import Look
from faasd.gateway.autoscaler.watched import Watched
from faasd.gateway.route_feed import RouteEntry
from faasd.router.tally import FunctionStats
from tests.unit.gateway.autoscaler.making import by_load, entry


class Minutes:
    """A function that is looked at, each second."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.watched = Watched()
        self.at = 0.0
        self.requests = 0

    def look(
        self, replicas: int = 1, *, calls: int = 0, in_flight: int = 0, **changes: object
    ) -> Action | None:
        """Let a second pass; return what is decided at its end."""
        self.at += 1
        self.requests += calls
        worker = str(changes.pop("worker", "1@1"))
        cpu = changes.pop("cpu", None)
        told: RouteEntry = entry(replicas, self.policy, **changes)
        stats = FunctionStats(requests=self.requests, current=in_flight)
        assert cpu is None or isinstance(cpu, float)
        self.watched.see(Look(at=self.at, entry=told, stats=stats, worker=worker, cpu=cpu))
        return self.watched.decide()

    def pass_idly(self, seconds: int, replicas: int) -> set[int]:
        """Return to what numbers it would have been scaled."""
        found = (self.look(replicas) for _ in range(seconds))
        return {action.replicas for action in found if isinstance(action, Scale)}


def test_calls_a_second_are_counted_between_two_looks() -> None:
    function = Minutes(by_load(LoadType.RPS))
    for _ in range(3):
        assert function.look(calls=8) is None

    assert function.look(calls=40) == Scale(replicas=3, load=24.0)


def test_a_second_in_which_another_router_counted_is_left_out() -> None:
    function = Minutes(by_load(LoadType.RPS))
    for _ in range(5):
        function.look(calls=5)

    assert function.look(calls=900, worker="2@2") is None


def test_the_time_of_the_processor_counts_where_the_label_says_so() -> None:
    function = Minutes(by_load(LoadType.CPU, each=450.0))
    assert function.look(cpu=400.0) is None
    assert function.look(cpu=None, in_flight=500) is None
    assert function.look(cpu=400.0) is None

    assert function.look(cpu=1400.0) == Scale(replicas=2, load=900.0)


def test_more_replicas_than_a_person_asked_for_come_by_load_and_fewer_do_not() -> None:
    function = Minutes(by_load())
    function.pass_idly(70, 1)
    assert function.look(5) is None

    assert function.pass_idly(int(HOLDS) - 2, 5) == set()
    assert 3 in function.pass_idly(10, 5)


def test_what_was_scaled_here_is_no_persons_wish() -> None:
    function = Minutes(by_load())
    for _ in range(3):
        action = function.look(in_flight=20)
    assert action == Scale(replicas=3, load=20.0)
    with function.watched.asking(3):
        function.look(1, in_flight=20)

    assert 2 in function.pass_idly(90, 3)


def test_what_is_told_before_it_is_answered_is_no_persons_wish_either() -> None:
    function = Minutes(by_load())
    function.look(1, in_flight=20)
    with function.watched.asking(3):
        function.look(3, in_flight=20)

    assert function.pass_idly(70, 3) == {2}


def test_as_many_as_fit_are_no_persons_wish_either() -> None:
    function = Minutes(by_load())
    function.look(1, in_flight=20)
    with function.watched.asking(4):
        function.look(2, in_flight=20)

    assert function.pass_idly(90, 2) == {1}


def test_what_was_asked_for_in_vain_may_be_a_persons_wish_later() -> None:
    function = Minutes(by_load())
    function.look(1)
    with pytest.raises(NoRoom), function.watched.asking(3):
        raise NoRoom("full")
    function.look(3)

    assert function.pass_idly(70, 3) == set()


def test_neither_waking_nor_deploying_is_a_persons_wish() -> None:
    function = Minutes(by_load())
    function.look(0)
    function.look(1)
    function.look(4, generation=2)

    found = {
        action.replicas
        for action in (function.look(4, generation=2) for _ in range(90))
        if isinstance(action, Scale)
    }
    assert found == {2}


def test_a_function_that_fails_gets_no_more_replicas() -> None:
    function = Minutes(by_load())

    assert [function.look(in_flight=50, state="failed") for _ in range(9)] == [None] * 9


def test_another_measure_begins_anew() -> None:
    function = Minutes(by_load(LoadType.CAPACITY))
    for _ in range(4):
        function.look(in_flight=9)
    function.policy = by_load(LoadType.RPS)

    assert function.look(in_flight=900) is None
    assert function.look(in_flight=900) is None
