"""The state machine: hypothesis draws what befalls a node, any number of things in any order."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

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
asked = st.builds(
    Asked,
    mark=st.just(""),
    program=st.sampled_from(WORKING),
    least=st.integers(1, 2),
    memory=st.sampled_from(["", "64Mi", "200Mi"]),
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
    """Deploys, updates, scales, deletes and kills; after each all invariants are checked."""

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

    @precondition(lambda self: self.history.plan)
    @rule(name=names, asked=asked, method=methods)
    def update(self, name: str, asked: Asked, method: str) -> None:
        """Update a function that is there, whatever it is at."""
        there = sorted(self.history.plan)
        self.deploy(name if name in there else there[-1], asked, method)

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

    @precondition(lambda self: self.history.plan)
    @rule(data=st.data())
    def deploy_unchanged(self, data: st.DataObject) -> None:
        """Deploy what is there: nothing is restarted."""
        name = self._one(data, self.history.plan)
        wanted = self.history.plan[name]
        again = Deploy(name=name, asked=wanted.asked, method="PUT")
        pids = self.history.stand.pids(name)
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

    @rule(name=names)
    def delete(self, name: str) -> None:
        """Delete a function."""
        self.history.do(Delete(name=self._known(name)))

    @precondition(lambda self: self._serving())
    @rule(data=st.data(), number=st.integers(0, MOST))
    def kill_replica(self, data: st.DataObject, number: int) -> None:
        """Kill a replica's process: it is replaced."""
        name = self._one(data, self._serving())
        backend = self.history.stand.backend
        self.history.kill_replica("kill replica", name, number, backend.crash)

    @precondition(lambda self: self._serving() and self._world())
    @rule(data=st.data(), number=st.integers(0, MOST))
    def eat_memory(self, data: st.DataObject, number: int) -> None:
        """Let the kernel kill a replica for its memory: it is replaced."""
        name, world = self._one(data, self._serving()), self._world()
        assert world
        self.history.kill_replica(
            "out of memory", name, number, lambda each: world.world.eat_memory(NAMESPACE, each)
        )

    @precondition(lambda self: self._serving() and not self.history.is_shaken)
    @rule()
    def restart_provider(self) -> None:
        """End the provider and begin again: no container notices."""

        def restart() -> None:
            self.history.stand.stop()
            self.history.stand.start()

        self.history.befall("restart provider", restart)

    @precondition(lambda self: self._serving() and not self.history.is_shaken)
    @rule()
    def kill_provider(self) -> None:
        """Kill the provider: no container notices."""
        self.history.befall("kill provider", lambda: self.history.recover(Accident.PROVIDER))

    @precondition(lambda self: self._serving() and not self.history.is_shaken)
    @rule()
    def kill_containerd(self) -> None:
        """Kill containerd: no container notices."""
        backend = self.history.stand.backend

        def kill() -> None:
            backend.down()
            backend.up()

        self.history.befall("kill containerd", kill)

    @precondition(lambda self: self._serving() and not self.history.is_shaken)
    @rule()
    def cut_power(self) -> None:
        """Boot the machine after a power cut."""
        self.history.befall(
            "power cut", lambda: self.history.recover(Accident.POWER), untouched=False
        )

    @rule(name=names, asked=shapes, moment=moments, accident=accidents)
    def cut_deploy_short(self, name: str, asked: Asked, moment: Moment, accident: Accident) -> None:
        """Let provider, containerd or machine die in the middle of a deploy."""
        operation = Deploy(name=name, asked=self._mark(asked))
        self.history.cut_short(operation, moment, accident)

    @rule(name=names, replicas=counts, moment=moments, accident=accidents)
    def cut_scale_short(self, name: str, replicas: int, moment: Moment, accident: Accident) -> None:
        """Let one of them die in the middle of scaling."""
        operation = Scale(name=self._known(name), replicas=replicas)
        self.history.cut_short(operation, moment, accident)

    @rule(name=names, moment=moments, accident=accidents)
    def cut_delete_short(self, name: str, moment: Moment, accident: Accident) -> None:
        """Let one of them die in the middle of a delete."""
        self.history.cut_short(Delete(name=self._known(name)), moment, accident)

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
        return Asked(
            mark=str(self._marks),
            program=asked.program,
            least=asked.least,
            memory=asked.memory,
            depth=asked.depth,
            strategy=asked.strategy,
        )

    def _step(self, name: str, step: Asked | int | None) -> Operation:
        if step is None:
            return Delete(name=name)
        if isinstance(step, Asked):
            return Deploy(name=name, asked=self._mark(step))
        return Scale(name=name, replicas=step)

    def _serving(self) -> list[str]:
        return sorted(name for name, wanted in self.history.plan.items() if wanted.serves)

    def _world(self) -> MemoryBackend | None:
        backend = self.history.stand.backend
        return backend if isinstance(backend, MemoryBackend) else None

    def _known(self, name: str) -> str:
        """Return a function that there is, mostly: what there is not is soon refused."""
        there = sorted(self.history.plan)
        return name if name in there or name == "c" or not there else there[0]

    def _one(self, data: st.DataObject, choice: object) -> str:
        return data.draw(st.sampled_from(sorted(choice)))  # type: ignore[call-overload, no-any-return]
