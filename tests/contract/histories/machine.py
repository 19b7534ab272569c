"""The state machine: hypothesis draws what befalls a node, any number of things in any order."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.contract.backends import NAMESPACE, MemoryBackend
from tests.contract.histories.history import Accident, History
from tests.contract.histories.model import (
    BROKEN,
    FLAWS,
    MOST,
    ROOM,
    WORKING,
    Asked,
    Call,
    Delete,
    Deploy,
    Operation,
    Scale,
    Wanted,
)
from tests.contract.histories.taps import Moment

CALLS = 40
"""Among so many calls, or steps, of the provider is the one at which something dies."""

names = st.sampled_from(["a", "b", "c"])
methods = st.sampled_from(["POST", "PUT"])
counts = st.integers(0, MOST + 1)
accidents = st.sampled_from(Accident)
moments = st.builds(Moment, call=st.integers(0, CALLS), after=st.booleans())
maybe = st.one_of(st.none(), moments)
asked = st.builds(
    Asked,
    mark=st.just(""),
    program=st.sampled_from(WORKING),
    least=st.integers(1, 2),
    memory=st.sampled_from(["", "32Mi", "64Mi"]),
    depth=st.sampled_from(["stopped", "paused"]),
    strategy=st.sampled_from(["rolling", "recreate"]),
)
broken = st.builds(
    Asked,
    mark=st.just(""),
    program=st.sampled_from(BROKEN),
    least=st.integers(1, 2),
    strategy=st.sampled_from(["rolling", "recreate"]),
)
shapes = st.one_of(asked, asked, broken)


class NodeMachine(RuleBasedStateMachine):
    """Deploys, updates, scales, deletes and kills; after each all invariants are checked.

    What is drawn never depends on what the node is at, so that a seed gives the same histories
    however quick the machine is.
    """

    def __init__(self, history: History) -> None:
        super().__init__()
        self.history = history
        self._marks = 0

    @initialize(first=asked, second=asked)
    def begin(self, first: Asked, second: Asked) -> None:
        """Begin with two functions, so that there is something for whatever comes."""
        self.deploy("a", first, "POST")
        self.deploy("b", second, "POST")

    @rule(name=names, asked=asked, method=methods)
    def deploy(self, name: str, asked: Asked, method: str) -> None:
        """Deploy a function that works, in place of what is there."""
        kind = "update" if name in self.history.plan else "deploy"
        self.history.do(Deploy(name=name, asked=self._mark(asked), method=method), kind)

    @rule(name=names, asked=asked, method=methods)
    def update(self, name: str, asked: Asked, method: str) -> None:
        """Update a function that is there, whatever it is at."""
        there = sorted(self.history.plan)
        self.deploy(name if name in there or not there else there[-1], asked, method)

    @rule(name=names, asked=broken)
    def deploy_broken(self, name: str, asked: Asked) -> None:
        """Deploy what never gets ready: an update to it is taken back."""
        wanted = self.history.plan.get(name)
        kind = "update never ready" if wanted and wanted.serves else "deploy never ready"
        self.history.do(Deploy(name=name, asked=self._mark(asked)), kind)

    @rule(name=names, asked=asked, flaw=st.sampled_from(sorted(FLAWS)))
    def deploy_refused(self, name: str, asked: Asked, flaw: str) -> None:
        """Deploy what must be refused, and changes nothing."""
        operation = Deploy(name=name, asked=self._mark(asked), flaw=flaw)
        self.history.do(operation, "image missing" if flaw == "image" else f"bad {flaw}")

    @rule(name=names)
    def deploy_unchanged(self, name: str) -> None:
        """Deploy what is there: nothing is restarted."""
        name = self._known(name)
        wanted = self.history.plan.get(name)
        if wanted is None:
            self.call(name)
            return
        pids = self.history.stand.pids(name)
        again = Deploy(name=name, asked=wanted.asked, method="PUT")
        self.history.do(again, "update unchanged")
        assert not wanted.serves or self.history.stand.pids(name) == pids

    @rule(name=names, replicas=counts)
    def scale(self, name: str, replicas: int) -> None:
        """Scale, to none as well."""
        kind = "scale" if replicas else "scale to 0"
        self.history.do(Scale(name=self._known(name), replicas=replicas), kind)

    @rule(name=names)
    def call(self, name: str) -> None:
        """Call a function: it wakes."""
        self.history.do(Call(name=self._known(name)))

    @rule(name=names, asked=broken)
    def call_while_tried(self, name: str, asked: Asked) -> None:
        """Call a function that sleeps while a bad update of it is tried: the good one answers."""
        name = self._known(name)
        wanted = self.history.plan.get(name)
        if wanted is None or not wanted.asked.works:
            self.call(name)
            return
        self.history.do(Scale(name=name, replicas=0), "scale to 0")
        bad = replace(self._mark(asked), least=wanted.asked.least, strategy="rolling")
        self.history.call_while_tried(name, bad)

    @rule(name=names)
    def delete(self, name: str) -> None:
        """Delete a function."""
        self.history.do(Delete(name=self._known(name)))

    @rule(name=names, number=st.integers(0, MOST))
    def kill_replica(self, name: str, number: int) -> None:
        """Kill a replica's process: it is replaced."""
        self._kill("kill replica", name, number, self.history.stand.backend.crash)

    @rule(name=names, number=st.integers(0, MOST))
    def eat_memory(self, name: str, number: int) -> None:
        """Let the kernel kill a replica for its memory: it is replaced. In memory only."""
        backend = self.history.stand.backend
        if not isinstance(backend, MemoryBackend):
            self.kill_replica(name, number)
            return
        world = backend.world
        self._kill("out of memory", name, number, lambda each: world.eat_memory(NAMESPACE, each))

    @rule()
    def restart_provider(self) -> None:
        """End the provider and begin again: no container notices."""

        def restart() -> None:
            self.history.stand.stop()
            self.history.stand.start()

        self._befall("restart provider", restart)

    @rule()
    def kill_provider(self) -> None:
        """Kill the provider: no container notices."""
        self._befall("kill provider", lambda: self.history.recover(Accident.PROVIDER))

    @rule()
    def kill_containerd(self) -> None:
        """Kill containerd: no container notices."""
        backend = self.history.stand.backend

        def kill() -> None:
            backend.down()
            backend.up()

        self._befall("kill containerd", kill)

    @rule()
    def cut_power(self) -> None:
        """Boot the machine after a power cut."""
        cut = "power cut"
        self._befall(cut, lambda: self.history.recover(Accident.POWER), untouched=False)

    @rule(name=names, asked=shapes, moment=moments, accident=accidents, again=maybe)
    def cut_deploy_short(
        self, name: str, asked: Asked, moment: Moment, accident: Accident, again: Moment | None
    ) -> None:
        """Let something die in the middle of a deploy, and maybe while it recovers."""
        operation = Deploy(name=name, asked=self._mark(asked))
        self.history.cut_short(operation, moment, accident, again)

    @rule(name=names, replicas=counts, moment=moments, accident=accidents, again=maybe)
    def cut_scale_short(
        self, name: str, replicas: int, moment: Moment, accident: Accident, again: Moment | None
    ) -> None:
        """Let something die in the middle of scaling, and maybe while it recovers."""
        operation = Scale(name=self._known(name), replicas=replicas)
        self.history.cut_short(operation, moment, accident, again)

    @rule(name=names, moment=moments, accident=accidents, again=maybe)
    def cut_delete_short(
        self, name: str, moment: Moment, accident: Accident, again: Moment | None
    ) -> None:
        """Let something die in the middle of a delete, and maybe while it recovers."""
        self.history.cut_short(Delete(name=self._known(name)), moment, accident, again)

    @rule(
        name=names,
        steps=st.lists(st.one_of(shapes, counts, st.none()), min_size=1, max_size=4),
        last=st.one_of(asked, st.none()),
        replicas=st.integers(1, MOST),
    )
    def hurry(
        self, name: str, steps: list[Asked | int | None], last: Asked | None, replicas: int
    ) -> None:
        """Do one thing before the one before is done; the last counts."""
        begun = [self._step(name, step) for step in steps]
        others = sum(w.memory for n, w in self.history.plan.items() if n != name)
        if last is None or others + MOST * last.request > ROOM:
            self.history.hurry(begun, Delete(name=name), None)
            return
        end = Wanted(asked=self._mark(last), replicas=replicas)
        begun.append(Deploy(name=name, asked=end.asked))
        self.history.hurry(begun, Scale(name=name, replicas=replicas), end)

    def teardown(self) -> None:
        """Delete everything."""
        self.history.end()

    def _mark(self, asked: Asked) -> Asked:
        self._marks += 1
        return replace(asked, mark=str(self._marks))

    def _step(self, name: str, step: Asked | int | None) -> Operation:
        if step is None:
            return Delete(name=name)
        if isinstance(step, Asked):
            return Deploy(name=name, asked=self._mark(step))
        return Scale(name=name, replicas=step)

    def _kill(self, kind: str, name: str, number: int, kill: Callable[[str], None]) -> None:
        """Kill a replica of this function, or of another that serves; else there is a new one."""
        serving = sorted(each for each, wanted in self.history.plan.items() if wanted.serves)
        if serving:
            victim = name if name in serving else serving[0]
            self.history.kill_replica(kind, victim, number, kill)
        else:
            self.deploy(name, Asked(mark=""), "POST")

    def _befall(self, kind: str, accident: Callable[[], None], *, untouched: bool = True) -> None:
        """Let something happen, but not again and again to a machine where nothing happens."""
        if self.history.is_shaken:
            self.deploy("a", Asked(mark=""), "POST")
        self.history.befall(kind, accident, untouched=untouched)

    def _known(self, name: str) -> str:
        """Return a function that there is, mostly: what there is not is soon refused."""
        there = sorted(self.history.plan)
        return name if name in there or name == "c" or not there else there[0]
