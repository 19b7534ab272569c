"""What is known of replicas that containerd does not know: which answer, and what failed."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Condition

from faasd.node.domain.container import TaskState, Workload
from provider_app.domain.failures import Failure, next_failure
from provider_app.domain.function import FunctionKey
from provider_app.domain.replica import Replica, in_rotation, see_again
from provider_app.services.changes import Watchers

Served = Mapping[FunctionKey, Collection[str]]
"""Addresses that a router sends requests to."""


class Replicas:
    """Every replica of the node, and those who wait for one to become ready. Thread-safe.

    Args:
        watchers: told of each function whose replicas, failures or downloads changed.
        served: what an earlier provider found ready. A process that it saw and that still runs
            is ready, and need not be asked before it is routed again.
    """

    def __init__(self, watchers: Watchers, served: Served | None = None) -> None:
        self._changed = Condition()
        self._watchers = watchers
        self._served = {key: set(addresses) for key, addresses in (served or {}).items()}
        self._known = False
        self._replicas: dict[FunctionKey, dict[str, Replica]] = {}
        self._failures: dict[FunctionKey, dict[str, Failure]] = {}
        self._doing: dict[FunctionKey, str] = {}
        self._calls: dict[tuple[FunctionKey, str], int] = {}
        self._untold: set[FunctionKey] = set()

    def see(self, key: FunctionKey, found: Sequence[Workload]) -> None:
        """Take note of a function's containers: those that are not among them are gone."""
        with self._changed:
            known = self._replicas.get(key, {})
            seen = {w.id: self._see(key, w, known.get(w.id)) for w in found}
            self._replicas[key] = seen
            if not seen:
                del self._replicas[key]
            if seen != known or key in self._untold:
                self._tell(key)

    def add(self, key: FunctionKey, found: Sequence[Workload]) -> None:
        """Take note of containers that may not be known, and leave those that are alone."""
        with self._changed:
            known = self._replicas.setdefault(key, {})
            for workload in found:
                if workload.id not in known:
                    known[workload.id] = self._see(key, workload, None)
                    self._tell(key)

    def note(self, key: FunctionKey, workload: Workload) -> Replica:
        """Take note of one container that is known, as it is now."""
        with self._changed:
            replica = self._note(key, workload)
            self._tell(key)
            return replica

    def note_untold(self, key: FunctionKey, workload: Workload) -> Replica:
        """Do as `note` does, but leave it to `tell_untold` to tell those who watch.

        For the sake of a caller that waits: what they do with the news takes the interpreter.
        """
        with self._changed:
            replica = self._note(key, workload)
            self._untold.add(key)
            self._changed.notify_all()
            return replica

    def tell_untold(self, key: FunctionKey) -> None:
        """Tell those who watch what `note_untold` left to be told, if anything."""
        with self._changed:
            if key in self._untold:
                self._tell(key)

    @property
    def known(self) -> bool:
        """Whether all that were there when the provider began have been seen."""
        return self._known

    def set_known(self) -> None:
        """Note that all that there are have been seen."""
        with self._changed:
            if not self._known:
                self._known = True
                self._served.clear()
                self._watchers.wake()

    def forget(self, key: FunctionKey) -> None:
        """Forget the failures of a function, so that everything is tried again at once."""
        with self._changed:
            if self._failures.pop(key, None):
                self._tell(key)

    def forget_all_failures(self) -> None:
        """Forget every failure: containerd is back, or the provider has just begun."""
        with self._changed:
            self._failures.clear()

    @contextmanager
    def doing(self, key: FunctionKey, what: str) -> Iterator[None]:
        """Let the status of a function say `what` for as long as the block runs."""
        self._doing[key] = what
        self._watchers.tell(key)
        try:
            yield
        finally:
            self._doing.pop(key, None)
            self._watchers.tell(key)

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
                self._tell(key)

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
            key = self.find_key(namespace, container)
            if key is not None:
                gone = replace(self._replicas[key][container], ready=False, late=False)
                self._replicas[key][container] = gone
                self._tell(key)
            return key

    def find_key(self, namespace: str, container: str) -> FunctionKey | None:
        """Return whose replica a container is, where it is known."""
        with self._changed:
            for key, replicas in self._replicas.items():
                if key.namespace == namespace and container in replicas:
                    return key
        return None

    def withdraw(self, key: FunctionKey, container: str) -> None:
        """Take a replica out of the rotation; those who watch see to it that it drains."""
        now = time.monotonic()
        with self._changed:
            replica = self._replicas.get(key, {}).get(container)
            if replica is not None and replica.withdrawn_at is None:
                self._replicas[key][container] = replace(replica, withdrawn_at=now)
                self._tell(key)

    def restore(self, key: FunctionKey, container: str) -> None:
        """Put a replica back into the rotation."""
        with self._changed:
            replica = self._replicas.get(key, {}).get(container)
            if replica is not None:
                restored = replace(replica, withdrawn_at=None, drained=False)
                self._replicas[key][container] = restored
                self._tell(key)

    def list_leaving(self) -> Sequence[Replica]:
        """Return the replicas that were withdrawn and are not drained yet."""
        with self._changed:
            every = (r for replicas in self._replicas.values() for r in replicas.values())
            return [r for r in every if r.withdrawn_at is not None and not r.drained]

    def set_drained(self, leaving: Replica) -> None:
        """Note that nothing is in flight at a replica, unless it was restored meanwhile."""
        with self._changed:
            now = self._find(leaving.key, leaving.id, leaving.workload.task.pid)
            if now is not None and now.withdrawn_at == leaving.withdrawn_at:
                self._replicas[leaving.key][leaving.id] = replace(now, drained=True)

    def take(self, key: FunctionKey, turn: int) -> Replica | None:
        """Return a replica for one request and count it as in flight there, or return None."""
        with self._changed:
            ready = self.ready(key)
            if not ready:
                return None
            replica = ready[turn % len(ready)]
            self._calls[key, replica.id] = self._calls.get((key, replica.id), 0) + 1
            return replica

    def release(self, replica: Replica) -> None:
        """Note that a request that was in flight has ended."""
        where = (replica.key, replica.id)
        with self._changed:
            self._calls[where] -= 1
            if not self._calls[where]:
                del self._calls[where]

    def count_calls(self, replica: Replica) -> int:
        """Return how many requests of this program are in flight at a replica."""
        with self._changed:
            return self._calls.get((replica.key, replica.id), 0)

    def fail(self, key: FunctionKey, container: str, reason: str) -> Failure:
        """Count a failure of a replica."""
        with self._changed:
            failures = self._failures.setdefault(key, {})
            failure = next_failure(failures.get(container), reason, time.monotonic())
            failures[container] = failure
            self._tell(key)
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
        """Return the replicas in the rotation: those that answer, see `in_rotation`."""
        return in_rotation(self.list(key))

    def wait_ready(self, key: FunctionKey, timeout: float) -> Sequence[Replica]:
        """Wait for a ready replica, but not for a function of which there is no hope now."""
        with self._changed:
            self._changed.wait_for(lambda: self.ready(key) or self._hopeless(key), timeout)
        return self.ready(key)

    def _hopeless(self, key: FunctionKey) -> bool:
        """Tell whether a replica failed and waits itself, or does not answer.

        While one of an older generation may yet answer, what its update comes to is no matter.
        """
        now = time.monotonic()
        failures, replicas = self._failures.get(key, {}), self._replicas.get(key, {}).values()
        waits = any(failure.retry_at > now for failure in failures.values())
        if not waits and not any(replica.late for replica in replicas):
            return False
        newest = max((replica.workload.generation for replica in replicas), default=0)
        older = (r for r in replicas if r.workload.generation < newest and not r.late)
        return all(replica.id in failures for replica in older)

    def _find(self, key: FunctionKey, container: str, pid: int) -> Replica | None:
        replica = self._replicas.get(key, {}).get(container)
        return replica if replica is not None and replica.workload.task.pid == pid else None

    def _see(self, key: FunctionKey, workload: Workload, known: Replica | None) -> Replica:
        if known is not None:
            return see_again(known, workload)
        served = self._served.get(key, set())
        was_served = workload.address in served and workload.state is TaskState.RUNNING
        served.discard(workload.address or "")
        return Replica(key=key, workload=workload, ready=was_served)

    def _note(self, key: FunctionKey, workload: Workload) -> Replica:
        known = self._replicas.setdefault(key, {})
        replica = known[workload.id] = self._see(key, workload, known.get(workload.id))
        return replica

    def _tell(self, key: FunctionKey) -> None:
        self._untold.discard(key)
        self._changed.notify_all()
        self._watchers.tell(key)
