"""First calls of functions that sleep, through :8080, beside containerd's calls alone.

The other side is a container of the same image and the same shape in a namespace that the provider
does not look at: `Tasks.Resume`, or `Tasks.Create` and `Tasks.Start`, until its port gave a first
byte. The two take turns, so that both have the same moments of the machine.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial

from bench.bare_tasks import BareTasks
from bench.clock import PATIENCE, milliseconds_since, wait_for, wait_for_first_byte
from bench.cold_path import OK, call
from bench.figures import Figure, worst
from bench.stand import PYTHON, STATIC, Stand
from faasd.node.domain.container import ContainerSpec, TaskState
from faasd.node.domain.settings import NodeSettings
from faasd.node.open import Node, open_node
from tests.e2e.client import NAMESPACE as FUNCTIONS

NAMESPACE, CONTAINER = "bench", "alone.1.0"
FUNCTION = "sleeper"
REST = 0.1
"""Seconds of sleep before the call: who ended or froze the process is done with it by then."""

RESTING = {"stopped": TaskState.NONE, "paused": TaskState.PAUSED}
IMAGES = {"static": STATIC, "python": PYTHON}
MEDIANS, LAST = {"stopped": 80, "paused": 15}, {"stopped": 250, "paused": 60}
"""Milliseconds: what issue and docs promise of the median, and of the 99th percentile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wakes:
    """First calls of one function at one depth, in milliseconds.

    Attributes:
        ours: through :8080 until the 200 was read.
        alone: containerd's calls, until the first byte.
        failed: calls of ours that were not answered with 200.
    """

    function: str
    depth: str
    ours: Sequence[float]
    alone: Sequence[float]
    failed: int = 0

    def figures(self) -> list[Figure]:
        """Return the lines of the table."""
        calls = "Resume" if self.depth == "paused" else "Create+Start"
        return [
            Figure(
                f"first call, {self.function}, {self.depth} ({calls}, connect)",
                self.ours,
                self.alone,
                goal=MEDIANS[self.depth],
            ),
            Figure(
                "… 99th percentile", [worst(self.ours)], [worst(self.alone)], goal=LAST[self.depth]
            ),
            Figure("… not 200", [self.failed], unit="", goal=0.5),
        ]


def measure_wakes(stand: Stand, times: int) -> list[Wakes]:
    """Wake each function at each depth so many times, after one that does not count."""
    return [
        _measure(stand, function, depth, times)
        for function in IMAGES
        for depth in ("stopped", "paused")
    ]


def _measure(stand: Stand, function: str, depth: str, times: int) -> Wakes:
    stand.deploy(FUNCTION, IMAGES[function], labels={"faasd.sleep.depth": depth})
    stand.front.wait_answers(FUNCTION, PATIENCE)
    with alone(stand, IMAGES[function]) as bare:
        sleep = partial(_sleep, stand, bare.node, RESTING[depth])
        pairs = [(_ours(stand, sleep), bare.wake(depth)) for _ in range(times + 1)][1:]
    stand.delete(FUNCTION)
    return Wakes(
        function=function,
        depth=depth,
        ours=[taken for (_, taken), _ in pairs],
        alone=[taken for _, taken in pairs],
        failed=sum(status != OK for (status, _), _ in pairs),
    )


def _ours(stand: Stand, sleep: Callable[[], None]) -> tuple[int, float]:
    sleep()
    return call(stand, FUNCTION)


def _sleep(stand: Stand, node: Node, resting: TaskState) -> None:
    """Let the function sleep, until its process is as it shall be, and the provider knows."""
    (container,) = stand.containers(FUNCTION)
    stand.front.scale(FUNCTION, 0)
    wait_for(lambda: _state(node, container) is resting, f"{container} is {resting.value}")
    wait_for(lambda: stand.state(FUNCTION) == "asleep", f"{FUNCTION} sleeps")
    time.sleep(REST)


def _state(node: Node, container: str) -> TaskState | None:
    found = node.workloads.find(FUNCTIONS, container)
    return None if found is None else found.state


class Alone:
    """A container that only the bench knows, on the node."""

    def __init__(self, node: Node, bare: BareTasks, address: str) -> None:
        self.node, self._bare, self._address = node, bare, address

    def wake(self, depth: str) -> float:
        """Lay it to rest, then wake it until its first byte; return milliseconds."""
        if depth == "paused":
            self.node.workloads.pause(NAMESPACE, CONTAINER)
        else:
            self.node.workloads.stop(NAMESPACE, CONTAINER)
        taken = self._bare.resume() if depth == "paused" else self._bare.start()
        began = time.perf_counter()
        wait_for_first_byte(self._address)
        return taken + milliseconds_since(began)


@contextmanager
def alone(stand: Stand, image: str) -> Iterator[Alone]:
    """Run a container until the block ends."""
    settings = NodeSettings()
    spec = ContainerSpec(namespace=NAMESPACE, id=CONTAINER, name="alone", image=image, generation=1)
    with closing(open_node(settings)) as node, closing(_bare(settings)) as bare:
        node.namespaces.ensure(NAMESPACE, {})
        node.images.load(NAMESPACE, stand.archives[image])
        address = node.workloads.create(spec).address or ""
        try:
            node.workloads.start(NAMESPACE, CONTAINER)
            wait_for_first_byte(address)
            yield Alone(node, bare, address)
        finally:
            node.workloads.remove(NAMESPACE, CONTAINER)


def _bare(settings: NodeSettings) -> BareTasks:
    return BareTasks(settings, NAMESPACE, CONTAINER)
