"""Which container is in which shim group; see `provider_app.domain.shim_groups`."""

from collections.abc import Iterable
from threading import Lock

from faasd.node.domain.container import Workload
from provider_app.domain.function import FunctionKey
from provider_app.domain.shim_groups import choose_group


class Groups:
    """Remembers the groups of containers that are there, and those being made. Thread-safe."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = Lock()
        self._members: dict[tuple[str, str], tuple[str, str]] = {}

    def see(self, found: Iterable[Workload]) -> None:
        """Take note of containers that were found."""
        with self._lock:
            for workload in found:
                where = (workload.namespace, workload.id)
                self._members[where] = (workload.record.shim_group, workload.name)

    def choose(self, key: FunctionKey, container: str) -> str:
        """Return the group for a container that is to be made; the same one when asked again."""
        where = (key.namespace, container)
        with self._lock:
            if where not in self._members:
                members: dict[str, list[str]] = {}
                for (namespace, _), (group, name) in self._members.items():
                    if namespace == key.namespace:
                        members.setdefault(group, []).append(name)
                self._members[where] = (choose_group(members, key.name, self._size), key.name)
            return self._members[where][0]

    def release(self, namespace: str, container: str) -> None:
        """Forget a container that is gone."""
        with self._lock:
            self._members.pop((namespace, container), None)
