"""From any machine, what `decide` says leads to the wanted one, and cuts nobody off."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from faasd.node.domain.container import TaskState, Workload
from provider_app.domain.decide import (
    Action,
    Create,
    Remove,
    Restore,
    Situation,
    Start,
    Stop,
    Withdraw,
    decide,
)
from provider_app.domain.failures import Failure
from provider_app.domain.function import Function
from tests.unit.provider.making import function, workload

STATES = st.sampled_from([state for state in TaskState if state is not TaskState.CREATED])


class Model:
    """A machine on which every action succeeds, and started replicas answer a round later."""

    def __init__(self, found: list[Workload], ready: set[str], withdrawn: set[str]) -> None:
        self.found = {each.id: each for each in found}
        self.ready = {name for name in ready if self._runs(name)}
        self.withdrawn = {name for name in withdrawn if self._runs(name)}
        self.drained: set[str] = set()

    def _runs(self, name: str) -> bool:
        return name in self.found and self.found[name].state is TaskState.RUNNING

    def apply(self, wanted: Function | None, action: Action) -> None:
        name = action.container
        match action:
            case Create():
                assert wanted is not None
                old = self.found.get(name)
                assert old is None or old.address is None, "two containers of one name"
                made = workload(wanted.generation, action.replica, TaskState.NONE)
                self.found[name] = replace(old, address=made.address) if old else made
                assert self.found[name].id == name
            case Start():
                task = replace(self.found[name].task, state=TaskState.RUNNING)
                self.found[name] = replace(self.found[name], task=task)
            case Stop():
                task = replace(self.found[name].task, state=TaskState.NONE)
                self.found[name] = replace(self.found[name], task=task)
                self._forget(name)
            case Remove():
                del self.found[name]
                self._forget(name)
            case Withdraw():
                self.withdrawn.add(name)
            case Restore():
                self.withdrawn.discard(name)
                self.drained.discard(name)

    def _forget(self, name: str) -> None:
        for names in (self.ready, self.withdrawn, self.drained):
            names.discard(name)

    @property
    def serving(self) -> set[str]:
        return self.ready - self.withdrawn

    def answer(self) -> None:
        self.ready = {name for name in self.found if self._runs(name)}
        self.drained = set(self.withdrawn)

    def look(self, wanted: Function | None) -> Situation:
        return Situation(
            wanted=wanted,
            found=list(self.found.values()),
            ready=frozenset(self.ready),
            withdrawn=frozenset(self.withdrawn),
            drained=frozenset(self.drained),
        )


@st.composite
def machines(draw: st.DrawFn) -> Model:
    where = st.tuples(st.integers(1, 4), st.integers(0, 3))
    found = [
        workload(
            generation,
            replica,
            draw(STATES),
            draw(st.sampled_from(["127.62.0.2", None])),
        )
        for generation, replica in draw(st.sets(where, max_size=8))
    ]
    some = st.sets(st.sampled_from([w.id for w in found] or [""]))
    return Model(found, draw(some), draw(some))


@given(machines(), st.integers(0, 4), st.sampled_from([None, 1, 2, 3]))
def test_from_any_machine_the_wanted_one_is_reached(
    model: Model, replicas: int, previous: int | None
) -> None:
    wanted = function(generation=4, replicas=replicas)
    previous = previous if replicas else None  # What sleeps is not judged, and keeps both.
    for _ in range(6):
        for action in decide(replace(model.look(wanted), previous=previous)):
            model.apply(wanted, action)
        model.answer()

    assert set(model.found) == {wanted.container_id(number) for number in range(wanted.kept)}
    assert model.serving == {wanted.container_id(number) for number in range(replicas)}
    assert all(each.address for each in model.found.values())
    assert decide(model.look(wanted)) == []


@given(machines())
def test_from_any_machine_an_untried_update_sleeps_beside_what_it_may_go_back_to(
    model: Model,
) -> None:
    wanted = function(generation=4, replicas=0)
    before = {each.id for each in model.found.values() if each.generation == 1}
    for _ in range(6):
        for action in decide(replace(model.look(wanted), previous=1)):
            model.apply(wanted, action)
        model.answer()

    assert set(model.found) == before | {"echo.4.0"}
    assert not model.ready
    assert decide(replace(model.look(wanted), previous=1)) == []


@given(machines())
def test_from_any_machine_an_unwanted_function_is_gone_as_soon_as_it_is_drained(
    model: Model,
) -> None:
    for _ in range(2):
        for action in decide(model.look(None)):
            model.apply(None, action)
        assert not model.serving
        model.answer()

    assert not model.found


@given(machines(), st.integers(1, 4))
def test_something_answers_at_every_moment_of_an_update(model: Model, replicas: int) -> None:
    wanted = function(generation=4, replicas=replicas)
    served = bool(model.serving - {wanted.container_id(n) for n in range(replicas, 4)})
    for _ in range(6):
        for action in decide(model.look(wanted)):
            model.apply(wanted, action)
            assert model.serving or not served, "the last replica that answered was taken away"
        model.answer()


@given(machines(), st.integers(0, 4), st.data())
def test_no_round_acts_on_a_replica_that_waits(
    model: Model, replicas: int, data: st.DataObject
) -> None:
    wanted = function(generation=4, replicas=replicas)
    names = [wanted.container_id(number) for number in range(wanted.kept)]
    waiting = data.draw(st.sets(st.sampled_from(names)))
    failures = {name: Failure(reason="it fell", count=7, at=0.0) for name in waiting}

    situation = replace(model.look(wanted), failures=failures, now=1.0)

    acted = {a.container for a in decide(situation) if isinstance(a, Create | Start)}
    running = {w.id for w in situation.found if w.state is TaskState.RUNNING}
    assert not (acted & waiting) - running


@given(machines(), st.integers(1, 4), st.sampled_from([None, 1, 2, 3]))
def test_while_an_update_is_not_whole_no_fewer_serve_than_it_shall_have(
    model: Model, replicas: int, previous: int | None
) -> None:
    wanted = function(generation=4, replicas=replicas)
    older = {each.generation for each in model.found.values()} - {4}
    most = max((_count(model, generation) for generation in older), default=0)
    for _ in range(6):
        for action in decide(replace(model.look(wanted), previous=previous)):
            model.apply(wanted, action)
            new = _count(model, 4)
            assert len(model.serving) >= min(most, replicas) or new == replicas
        _answer_one(model, wanted)


def _count(model: Model, generation: int) -> int:
    return sum(model.found[name].generation == generation for name in model.serving)


def _answer_one(model: Model, wanted: Function) -> None:
    """One more replica of the new generation answers, as they do in life, and the leaving drain."""
    new = [name for name in model.found if model.found[name].generation == wanted.generation]
    runs = [name for name in new if model.found[name].state is TaskState.RUNNING]
    model.ready |= set(sorted(set(runs) - model.ready)[:1])
    model.drained = set(model.withdrawn)
