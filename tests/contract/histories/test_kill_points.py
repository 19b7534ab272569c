"""Provider, containerd or the whole machine dies at every step of every operation."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.contract.backends import Backend, MemoryBackend
from tests.contract.histories.history import Accident, History
from tests.contract.histories.model import Asked, Delete, Deploy, Operation, Scale
from tests.contract.histories.stand import IN_MEMORY, ON_CONTAINERD, Stand
from tests.contract.histories.tally import REPORT, Tally
from tests.contract.histories.taps import Moment

PLACES = 4
"""Moments of each operation at which real containerd is tried; in memory it is all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """An operation, and what it is done to.

    Attributes:
        before: replicas of the function before; None is no function.
        operation: what is done, given a mark that was not used yet.
    """

    before: int | None
    operation: Callable[[str], Operation]
    depth: str = "stopped"


NAME = "a"
SCENARIOS = {
    "deploy": Scenario(
        before=None, operation=lambda mark: Deploy(name=NAME, asked=Asked(mark=mark, least=2))
    ),
    "update": Scenario(
        before=2, operation=lambda mark: Deploy(name=NAME, asked=Asked(mark=mark), method="PUT")
    ),
    "update never ready": Scenario(
        before=1, operation=lambda mark: Deploy(name=NAME, asked=Asked(mark=mark, program="silent"))
    ),
    "recreate": Scenario(
        before=1,
        operation=lambda mark: Deploy(name=NAME, asked=Asked(mark=mark, strategy="recreate")),
    ),
    "scale up": Scenario(before=1, operation=lambda _: Scale(name=NAME, replicas=3)),
    "scale down": Scenario(before=3, operation=lambda _: Scale(name=NAME, replicas=1)),
    "sleep": Scenario(before=1, operation=lambda _: Scale(name=NAME, replicas=0)),
    "freeze": Scenario(before=1, operation=lambda _: Scale(name=NAME, replicas=0), depth="paused"),
    "wake": Scenario(before=0, operation=lambda _: Scale(name=NAME, replicas=1)),
    "thaw": Scenario(before=0, operation=lambda _: Scale(name=NAME, replicas=1), depth="paused"),
    "delete": Scenario(before=2, operation=lambda _: Delete(name=NAME)),
}


REAL = ("update", "scale up", "scale down", "delete")


class Rehearsal:
    """Does one operation again and again, and lets an accident befall at another moment of it."""

    def __init__(self, history: History, scenario: Scenario, accident: Accident) -> None:
        self._history = history
        self._scenario = scenario
        self._accident = accident
        self._marks = itertools.count()
        self.befell = 0

    def count(self) -> int:
        """Do it undisturbed, and return how many moments of it there are."""
        self._prepare()
        return self._history.count(self._operation(), self._accident)

    def cut_at(self, moment: Moment) -> bool:
        """Let the accident befall at a moment; tell whether it came to that."""
        self._prepare()
        befell = self._history.cut_short(self._operation(), moment, self._accident)
        self.befell += befell
        return befell

    def cut_everywhere(self, calls: int) -> None:
        """Go on past the calls that were counted until there are none any more: they vary."""
        for call in itertools.count():
            befell = self.cut_at(Moment(call=call, after=False))
            if self._accident is Accident.PROVIDER:
                self.cut_at(Moment(call=call, after=True))
            if call >= calls and not befell:
                return

    def cut_somewhere(self, calls: int) -> None:
        """Spread a few over the operation."""
        for place in range(PLACES):
            self.cut_at(Moment(call=place * (calls - 1) // PLACES, after=place % 2 == 1))

    def _operation(self) -> Operation:
        return self._scenario.operation(str(next(self._marks)))

    def _prepare(self) -> None:
        there = self._history.plan.get(NAME)
        wanted = self._scenario.before
        if wanted is None:
            if there is not None:
                self._history.do(Delete(name=NAME), "prepare")
            return
        if there is None:
            asked = Asked(mark=str(next(self._marks)), depth=self._scenario.depth)
            self._history.do(Deploy(name=NAME, asked=asked), "prepare")
        if self._history.plan[NAME].replicas != wanted:
            self._history.do(Scale(name=NAME, replicas=wanted), "prepare")


def rehearse(backend: Backend, place: Path, name: str, accident: Accident) -> None:
    """Let one thing die at all moments of one operation in memory, at some on containerd."""
    is_memory = isinstance(backend, MemoryBackend)
    pace = IN_MEMORY if is_memory else ON_CONTAINERD
    patience = pace.update / 2 if "never" in name else 5 * pace.update
    history = History(Stand(backend, place, replace(pace, update=patience)), Tally())
    try:
        rehearsal = Rehearsal(history, SCENARIOS[name], accident)
        calls = rehearsal.count()
        if is_memory:
            rehearsal.cut_everywhere(calls)
        else:
            rehearsal.cut_somewhere(calls)
    except BaseException:
        history.failed = True
        raise
    finally:
        history.end()

    where = "in memory" if is_memory else "on containerd"
    what = "steps" if accident.kills_provider else "calls"
    REPORT.append(f"{where}: {name} of {calls} {what}, {rehearsal.befell} times {accident.value}")
    # The number of calls varies a little: the last ones do not always come.
    assert rehearsal.befell >= (calls // 2 if is_memory else 1)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("backend", ["memory"], indirect=True)
@pytest.mark.parametrize("accident", Accident, ids=lambda accident: accident.value)
@pytest.mark.parametrize("name", SCENARIOS)
def test_whatever_dies_at_whichever_step_it_ends_as_it_was_asked_to_and_leaks_nothing(
    backend: Backend, tmp_path: Path, name: str, accident: Accident
) -> None:
    rehearse(backend, tmp_path, name, accident)


@pytest.mark.timeout(600)
@pytest.mark.containerd
@pytest.mark.parametrize("backend", ["containerd"], indirect=True)
@pytest.mark.parametrize("accident", Accident, ids=lambda accident: accident.value)
@pytest.mark.parametrize("name", REAL)
def test_the_same_at_some_steps_on_real_containerd(
    backend: Backend, tmp_path: Path, name: str, accident: Accident
) -> None:
    rehearse(backend, tmp_path, name, accident)
