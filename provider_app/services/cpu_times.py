"""How much time of the processor replicas took: what the gateway's autoscaler asks each second."""

from collections.abc import Mapping

from faasd.base.errors import FaasdError, Unsatisfiable
from faasd.base.load import LoadType
from faasd.node.open import Node
from provider_app.domain.function import Function, FunctionKey
from provider_app.domain.scaling import read_scaling
from provider_app.services.replicas import Replicas
from provider_app.services.store import Store

Times = Mapping[str, int]
"""Nanoseconds since its start, by container."""


class CpuTimes:
    """Reads them, of functions that are scaled by them. Thread-safe."""

    def __init__(self, node: Node, store: Store, replicas: Replicas) -> None:
        self._node = node
        self._store = store
        self._replicas = replicas

    def read(self) -> Mapping[str, Times]:
        """Return the times of each such function's replicas, by ``NAME.NAMESPACE``."""
        found = (self._store.find(key) for key in self._store.list_keys())
        return {
            str(function.key): self._times(function.key)
            for function in found
            if function is not None and _is_scaled_by_cpu(function)
        }

    def _times(self, key: FunctionKey) -> Times:
        return {
            replica.id: nanoseconds
            for replica in self._replicas.list(key)
            if (nanoseconds := self._find_time(key.namespace, replica.id)) is not None
        }

    def _find_time(self, namespace: str, container: str) -> int | None:
        """Return one replica's; None where it does not run, or has just ended."""
        try:
            usage = self._node.workloads.usage(namespace, container)
        except FaasdError:
            return None
        return None if usage is None else usage.cpu_nanoseconds


def _is_scaled_by_cpu(function: Function) -> bool:
    if function.replicas == 0:
        return False
    try:
        by_load = read_scaling(function.deployment.labels).by_load
    except Unsatisfiable:  # stored by an earlier version
        return False
    return by_load is not None and by_load.type is LoadType.CPU
