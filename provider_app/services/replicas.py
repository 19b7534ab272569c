"""What is known of replicas that containerd does not know: which answer, and what failed."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Condition

from faasd.node.domain.container import TaskState, Workload
from provider_app.domain.failures import Failure, next_failure
from provider_app.domain.function import FunctionKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """A replica as it was last seen.

    Attributes:
        late: it runs, and has not answered for so long that nobody shall wait for it.
    """

    key: FunctionKey
    workload: Workload
    ready: bool = False
    late: bool = False

    @property
    def id(self) -> str:
        """The containerd identifier."""
        return self.workload.id


class Replicas:
    """Every replica of the node, and those who wait for one to become ready. Thread-safe."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._replicas: dict[FunctionKey, dict[str, Replica]] = {}
        self._failures: dict[FunctionKey, dict[str, Failure]] = {}
        self._doing: dict[FunctionKey, str] = {}

    def see(self, key: FunctionKey, found: Sequence[Workload]) -> None:
        """Take note of a function's containers: those that are not among them are gone."""
        with self._changed:
            known = self._replicas.get(key, {})
            seen = {w.id: _replica(key, w, known.get(w.id)) for w in found}
            self._replicas[key] = seen
            if not seen:
                del self._replicas[key]
            self._changed.notify_all()

    def add(self, key: FunctionKey, found: Sequence[Workload]) -> None:
        """Take note of containers that may not be known, and leave those that are alone."""
        with self._changed:
            known = self._replicas.setdefault(key, {})
            for workload in found:
                known.setdefault(workload.id, _replica(key, workload, None))

    def forget(self, key: FunctionKey) -> None:
        """Forget the failures of a function, so that everything is tried again at once."""
        with self._changed:
            self._failures.pop(key, None)

    def forget_all_failures(self) -> None:
        """Forget every failure: containerd is back, or the provider has just begun."""
        with self._changed:
            self._failures.clear()

    @contextmanager
    def doing(self, key: FunctionKey, what: str) -> Iterator[None]:
        """Let the status of a function say `what` for as long as the block runs."""
        self._doing[key] = what
        try:
            yield
        finally:
            self._doing.pop(key, None)

    def find_doing(self, key: FunctionKey) -> str:
        """Return what is being done for a function, or an empty string."""
        return self._doing.get(key, "")

    def set_ready(self, key: FunctionKey, container: str, pid: int) -> None:
        """Note that a replica answers, if it still is the process that was asked."""
        with self._changed:
            replica = self._find(key, container, pid)
            if replica is not None:
                if replica.late:
                    self._failures.get(key, {}).pop(container, None)
                self._replicas[key][container] = replace(replica, ready=True, late=False)
            self._changed.notify_all()

    def set_late(self, key: FunctionKey, container: str, pid: int, reason: str) -> None:
        """Note that a replica does not answer, if it still is the process that was asked."""
        with self._changed:
            replica = self._find(key, container, pid)
            if replica is None or replica.ready:
                return
            self._replicas[key][container] = replace(replica, late=True)
            self.fail(key, container, reason)

    def set_gone(self, namespace: str, container: str) -> FunctionKey | None:
        """Note that a replica's process ended; return whose it was, where it is known."""
        with self._changed:
            for key, replicas in self._replicas.items():
                if key.namespace == namespace and container in replicas:
                    replicas[container] = replace(replicas[container], ready=False, late=False)
                    self._changed.notify_all()
                    return key
        return None

    def fail(self, key: FunctionKey, container: str, reason: str) -> Failure:
        """Count a failure of a replica."""
        with self._changed:
            failures = self._failures.setdefault(key, {})
            failure = next_failure(failures.get(container), reason, time.monotonic())
            failures[container] = failure
            self._changed.notify_all()
        return failure

    def failures(self, key: FunctionKey) -> Mapping[str, Failure]:
        """Return the failures of a function, by container."""
        with self._changed:
            return dict(self._failures.get(key, {}))

    def list(self, key: FunctionKey) -> Sequence[Replica]:
        """Return a function's replicas, as they were last seen."""
        with self._changed:
            return list(self._replicas.get(key, {}).values())

    def list_keys(self) -> Sequence[FunctionKey]:
        """Return the functions that have replicas."""
        with self._changed:
            return list(self._replicas)

    def ready(self, key: FunctionKey) -> Sequence[Replica]:
        """Return the replicas that answer, of the newest generation that has any."""
        ready = [replica for replica in self.list(key) if replica.ready]
        newest = max((replica.workload.generation for replica in ready), default=0)
        return [replica for replica in ready if replica.workload.generation == newest]

    def wait_ready(self, key: FunctionKey, timeout: float) -> Sequence[Replica]:
        """Wait for a ready replica, but not for a function of which there is no hope now."""
        with self._changed:
            self._changed.wait_for(lambda: self.ready(key) or self._hopeless(key), timeout)
        return self.ready(key)

    def _hopeless(self, key: FunctionKey) -> bool:
        """Tell whether a replica failed and waits itself, or does not answer."""
        now = time.monotonic()
        waits = any(failure.retry_at > now for failure in self._failures.get(key, {}).values())
        return waits or any(replica.late for replica in self._replicas.get(key, {}).values())

    def _find(self, key: FunctionKey, container: str, pid: int) -> Replica | None:
        replica = self._replicas.get(key, {}).get(container)
        return replica if replica is not None and replica.workload.task.pid == pid else None


def _replica(key: FunctionKey, workload: Workload, known: Replica | None) -> Replica:
    """What is known of a replica holds for as long as it is the same process that runs."""
    same = known is not None and known.workload.task.pid == workload.task.pid
    if known is None or not same or workload.state is not TaskState.RUNNING:
        return Replica(key=key, workload=workload)
    return replace(known, workload=workload)
