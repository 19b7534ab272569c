"""Functions as they are told of: what is wanted, what it is at, what it uses."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from faasd.node.domain.usage import Usage
from provider_app.domain.function import Function
from provider_app.domain.status import FunctionState, read_state
from provider_app.services.replicas import Replicas
from provider_app.services.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionView:
    """A function, what it is at, and what its replicas use.

    Attributes:
        cpu: thousandths of a core, the mean since its replicas were started.
        memory: bytes.
    """

    function: Function
    state: FunctionState
    cpu: int = 0
    memory: int = 0


class Views:
    """Looks at functions. Thread-safe."""

    def __init__(self, store: Store, replicas: Replicas) -> None:
        self._store = store
        self._replicas = replicas

    def view(self, function: Function) -> FunctionView:
        """Return a function and what it is at."""
        replicas = self._replicas.list(function.key)
        state = read_state(
            function,
            [replica.workload for replica in replicas],
            [replica.id for replica in replicas if replica.ready],
            self._replicas.failures(function.key),
        )
        if not state.reason:
            state = replace(state, reason=self._store.find_rollback(function.key))
        doing = self._replicas.find_doing(function.key)
        if doing and state.word == "pending":
            state = replace(state, word=doing)
        return FunctionView(function=function, state=state)

    def measure(self, function: Function, usages: Sequence[Usage]) -> FunctionView:
        """Return a function, what it is at, and what its replicas use together."""
        memory = sum(usage.memory for usage in usages)
        return replace(self.view(function), cpu=self._mean_cpu(function, usages), memory=memory)

    def _mean_cpu(self, function: Function, usages: Sequence[Usage]) -> int:
        started = [r.workload.record.created_at for r in self._replicas.list(function.key)]
        if not started:
            return 0
        seconds = max(time.time() - min(started).timestamp(), 1.0)
        return int(sum(usage.cpu_nanoseconds for usage in usages) / 1e6 / seconds)
