"""What befalls a node, one thing after another, and that it ends each time as it shall."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import Enum

from faasd.base.errors import Unavailable
from tests.contract.backends import NAMESPACE
from tests.contract.histories.invariants import BY_CALLS, Plan, check
from tests.contract.histories.model import (
    Asked,
    Call,
    Delete,
    Deploy,
    Operation,
    Scale,
    Wanted,
    predict,
)
from tests.contract.histories.stand import Seen, Stand
from tests.contract.histories.tally import Tally
from tests.contract.histories.taps import Moment

Ways = tuple[Wanted | None, ...]
"""As what a function may have ended; None is not to be."""

NEVER = Moment(call=-2, after=False)
TOLD = 40


class Accident(Enum):
    """What befalls in the middle of an operation.

    PROVIDER, CONTAINERD: it dies. POWER: everything does, and the machine boots.
    """

    PROVIDER = "provider"
    CONTAINERD = "containerd"
    POWER = "power"

    @property
    def kills_provider(self) -> bool:
        """Whether the provider begins anew after it."""
        return self in (Accident.PROVIDER, Accident.POWER)


class History:
    """A stand, and what its functions shall be."""

    def __init__(self, stand: Stand, tally: Tally) -> None:
        self.stand = stand
        self._tally = tally
        self._ways: dict[str, Ways] = {}
        self._told: list[str] = []
        self.failed = False
        self.is_shaken = False
        """Whether the last that happened was an accident while all was settled."""

    @property
    def plan(self) -> Mapping[str, Wanted]:
        """The functions that there shall be; only while all is settled."""
        return {name: ways[0] for name, ways in self._ways.items() if ways[0] is not None}

    def do(self, operation: Operation, kind: str = "") -> None:
        """Perform an operation, and wait until it is done."""
        self._tell(kind or type(operation).__name__.lower(), operation)
        outcome = predict(operation, self.plan.get(operation.name), self._others(operation.name))
        status = self.stand.perform(operation)
        broken = isinstance(operation, Call) and outcome.status == 503
        good = status in (502, 503, 504) if broken else status == outcome.status
        self._require(good, f"{operation} was answered with {status}, not {outcome.status}")
        self._ways[operation.name] = (outcome.after,)
        self.settle()

    def hurry(self, operations: Sequence[Operation], last: Operation, end: Wanted | None) -> None:
        """Perform operations on one function, each before the one before is done.

        Args:
            operations: of which some may be refused.
            last: must be taken.
            end: what the function then is.
        """
        for operation in (*operations, last):
            self._tell("in a hurry", operation)
            status = self.stand.perform(operation)
            self._require(status in (202, 404, 507), f"{operation} was answered with {status}")
        self._ways[last.name] = (end,)
        self.settle()

    def call_while_tried(self, name: str, bad: Asked) -> None:
        """Update a function that is asleep to what never gets ready, and call it meanwhile."""
        self._tell("call while a bad update is tried", f"{name} {bad}")
        before = self.plan[name]
        operations: Sequence[Operation] = (Deploy(name=name, asked=bad), Call(name=name))
        statuses = [self.stand.perform(operation) for operation in operations]
        self._require(statuses == [202, 200], f"it was answered with {statuses}")
        after = replace(before, replicas=before.asked.clamp(bad.least), taken_back=True)
        self._ways[name] = (after,)
        self.settle()

    def count(self, operation: Operation, accident: Accident) -> int:
        """Perform an operation undisturbed; return how many moments it has for an accident."""
        self._arm(NEVER, accident)
        self.do(operation)
        return len(self.stand.tap.calls)

    def cut_short(
        self, operation: Operation, moment: Moment, accident: Accident, again: Moment | None = None
    ) -> bool:
        """Let an accident befall at a moment of an operation; tell whether it came to that.

        What kills the provider does so once all is done at the latest, and once more while it
        recovers where `again` says when.
        """
        self._tell(f"{accident.value} in the middle", f"{operation} {moment}, {again}")
        name, before = operation.name, self.plan.get(operation.name)
        outcome = predict(operation, before, self._others(name))
        self._arm(moment, accident)
        status = self.stand.perform(operation)
        sure = status == outcome.status
        is_down = accident is Accident.CONTAINERD
        possible = sure or status is None or (is_down and status == 503)
        self._require(possible, f"{operation} was answered with {status}, not {outcome.status}")
        self._ways[name] = (outcome.after,) if sure else (outcome.after, before)
        befell = self._wait_for_accident()
        if accident.kills_provider:
            self.recover(accident, again)
        elif befell:
            self.stand.backend.up()
        self.stand.tap.arm(None)
        self.settle()
        return befell

    def recover(self, accident: Accident, again: Moment | None = None) -> None:
        """End the provider, or the machine, and begin again, maybe twice."""
        self.stand.kill()
        if accident is Accident.POWER:
            self.stand.backend.reboot()
        self.stand.start(again)
        if again is not None:
            self._wait_for_accident()
            self.recover(accident)

    def befall(self, kind: str, accident: Callable[[], None], *, untouched: bool = True) -> None:
        """Let something happen while all is settled; what serves goes on, if it is `untouched`."""
        self._tell(kind, "")
        self.is_shaken = True
        before = self._pids()
        accident()
        self.settle(lambda: ["containers were restarted"] * (untouched and self._pids() != before))

    def kill_replica(self, kind: str, name: str, number: int, kill: Callable[[str], None]) -> None:
        """Kill a replica of a function that works, and wait for its next process."""
        if any(self.stand.has_failed(name, each) for each in self.stand.pids(name)):
            # Or it would be kept waiting ever longer, as it should.
            self.do(Scale(name=name, replicas=self.plan[name].replicas))
        pids = {each: pid for each, pid in self.stand.pids(name).items() if pid}
        container = sorted(pids)[number % len(pids)]
        self._tell(kind, container)
        kill(container)
        self.settle(
            lambda: (
                ["it was not replaced"]
                * (self.stand.pids(name).get(container) in (0, None, pids[container]))
            )
        )

    def settle(self, also: Callable[[], list[str]] = list) -> None:
        """Wait until everything is as it shall be, and nothing is being done any more."""
        self._wait(lambda: self.troubles() or also())
        self._tally.settled += 1
        for name, wanted in self.plan.items():
            if wanted.serves:
                mark = self.stand.mark_of(name)
                right = mark == wanted.asked.mark
                self._require(right, f"{BY_CALLS}: {name} answers {mark}, not {wanted.asked.mark}")

    def troubles(self) -> list[str]:
        """Return what is not as it shall be now."""
        if self.stand.is_at_work:
            return ["work is under way"]
        seen = self.stand.look()
        chosen = {name: _choose(ways, seen, name) for name, ways in self._ways.items()}
        undecided = [f"{name} is {_view(seen, name)}" for name in chosen if not chosen[name]]
        if undecided:
            return undecided
        plan: Plan = {name: way[0] for name, way in chosen.items() if way and way[0] is not None}
        found = check(plan, seen) + ["work is under way"] * self.stand.is_at_work
        if not found:
            self._ways = {name: way for name, way in chosen.items() if way and way[0]}
        return found

    def _arm(self, moment: Moment, accident: Accident) -> None:
        down = self.stand.backend.down if accident is Accident.CONTAINERD else None
        self.stand.tap.arm(moment, down)

    def _wait_for_accident(self) -> bool:
        """Wait until it befell, or all is done; tell whether it befell."""
        happened = self.stand.tap.happened
        self._wait(lambda: [] if happened.is_set() else self._troubles_unless_down())
        return happened.is_set()

    def _troubles_unless_down(self) -> list[str]:
        try:
            return self.troubles()
        except Unavailable:
            return ["containerd is down"]

    def end(self) -> None:
        """Delete every function: nothing is left. After a failure only clear the machine."""
        try:
            if not self.failed:
                for name in list(self.plan):
                    self.do(Delete(name=name), "delete at the end")
                self._wait(self.stand.backend.traces)
        finally:
            self.stand.close()
            if self.failed:
                self._wipe()

    def _wipe(self) -> None:
        node = self.stand.backend.node
        for workload in node.workloads.list(NAMESPACE):
            node.workloads.remove(NAMESPACE, workload.id)
        node.workloads.sweep([NAMESPACE])

    def _pids(self) -> Mapping[str, Mapping[str, int]]:
        return {name: self.stand.pids(name) for name, wanted in self.plan.items() if wanted.serves}

    def _others(self, name: str) -> int:
        return sum(wanted.memory for other, wanted in self.plan.items() if other != name)

    def _wait(self, troubles: Callable[[], list[str]]) -> None:
        until = time.monotonic() + self.stand.pace.patience
        while found := troubles():
            self._require(time.monotonic() < until, "\n".join(found))
            time.sleep(self.stand.pace.pause)

    def _tell(self, kind: str, what: object) -> None:
        self._tally.add(kind)
        self.is_shaken = False
        self._told.append(f"{kind}: {what}")

    def _require(self, condition: bool, wrong: str) -> None:  # noqa: FBT001
        if not condition:
            self.failed = True
            raise AssertionError(
                "\n".join([wrong, "after, the last at the end:", *self._told[-TOLD:]])
            )


def _choose(ways: Ways, seen: Seen, name: str) -> Ways:
    """Return the one way in which a function ended, or none."""
    ordered = sorted(ways, key=lambda way: way is None or not way.taken_back)
    return next(((way,) for way in ordered if _is(way, seen, name)), ())


def _is(way: Wanted | None, seen: Seen, name: str) -> bool:
    view = seen.functions.get(name)
    if way is None or view is None:
        return way is None and view is None
    function = view.function
    same = function.deployment.env["MARK"] == way.asked.mark and function.replicas == way.replicas
    return same and (not way.taken_back or "rolled back" in view.state.reason)


def _view(seen: Seen, name: str) -> str:
    view = seen.functions.get(name)
    if view is None:
        return "not known"
    mark = view.function.deployment.env["MARK"]
    return f"{mark} with {view.function.replicas} replicas, {view.state}"
