"""Starts replicas, the quickest way: callers may wait for them."""

import logging
from collections.abc import Callable, Sequence

from faasd.base.errors import FaasdError, TimedOut, Unavailable
from faasd.node.domain.container import TaskState
from faasd.node.open import Node
from provider_app.domain.decide import Situation, Start
from provider_app.domain.function import FunctionKey
from provider_app.domain.rousing import decide_at_once, is_at_rest
from provider_app.services.replicas import Replicas
from provider_app.services.store import Store
from provider_app.services.wishes import read_wish

log = logging.getLogger(__name__)


def check_answers(node: Node, error: FaasdError) -> None:
    """Tell what failed of one container from a containerd that is away.

    Raises:
        Unavailable, TimedOut: it is away.
    """
    if isinstance(error, Unavailable):
        node.machine.version()


class Rouser:
    """Starts and thaws; never two calls for one function at once.

    Args:
        runs: called with a function of which a replica runs since just now, and is to be asked
            whether it is ready.
    """

    def __init__(
        self, node: Node, store: Store, replicas: Replicas, runs: Callable[[FunctionKey], None]
    ) -> None:
        self._node = node
        self._store = store
        self._replicas = replicas
        self._runs = runs

    def start(self, key: FunctionKey, container: str) -> None:
        """Run a container. It is known, and asked whether it answers, before all else is seen."""
        workloads = self._node.workloads
        known = next((r.workload for r in self._replicas.list(key) if r.id == container), None)
        if known is not None and known.state is TaskState.PAUSED and known.address:
            started = workloads.thaw(known)
        else:
            started = workloads.start(key.namespace, container)
        if not self._replicas.note(key, started).ready:
            self._runs(key)

    def hasten(self, key: FunctionKey) -> None:
        """Start what was seen at rest, before all is looked at.

        What is not as it was seen, or does not start, is found by the look that follows, which
        counts its failures.

        Raises:
            Unavailable, TimedOut: containerd does not answer.
        """
        for start in self._find_starts(key):
            log.info("%s: start %s", key, start.container)
            try:
                self.start(key, start.container)
            except TimedOut:
                raise
            except FaasdError as error:
                check_answers(self._node, error)
                log.info("%s: %s is looked at: %s", key, start.container, error)

    def thaw(self, key: FunctionKey) -> bool:
        """Thaw the first replica of a function that is frozen; tell whether that was done.

        Who watches is told when the function is next looked at.

        Raises:
            FaasdError: it cannot be thawed, nor started.
        """
        starts = self._find_starts(key)
        known = {replica.id: replica.workload for replica in self._replicas.list(key)}
        workload = known.get(starts[0].container) if starts else None
        if workload is None or workload.state is not TaskState.PAUSED:
            return False
        log.info("%s: thaw %s", key, workload.id)
        thawed = self._node.workloads.thaw(workload)
        if not self._replicas.note_untold(key, thawed).ready:
            self._runs(key)
        return True

    def _find_starts(self, key: FunctionKey) -> Sequence[Start]:
        """Return what `decide_at_once` says, by what is known without asking containerd."""
        replicas = self._replicas.list(key)
        if not any(is_at_rest(replica.workload) for replica in replicas):
            return ()
        wish = read_wish(self._store, key)
        known = Situation(
            wanted=wish.wanted,
            found=[replica.workload for replica in replicas],
            ready=frozenset(replica.id for replica in replicas if replica.ready),
            failures=self._replicas.failures(key),
            previous=wish.previous.generation if wish.previous else None,
        )
        return decide_at_once(known)
