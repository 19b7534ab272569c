"""What is known of one replica."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from faasd.node.domain.container import TaskState, Workload
from provider_app.domain.function import FunctionKey

LONGEST_DRAIN = 30.0
"""Seconds that a replica's last requests have, at most, before it is stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """A replica as it was last seen. All of it holds for one process: the next begins anew.

    Attributes:
        late: it runs, and has not answered for so long that nobody shall wait for it.
        withdrawn_at: when it was taken out of the rotation, to be stopped; None while it is in.
        drained: nothing is in flight at it any more, or its requests have had their time.
        answered: it is frozen, and answered until then: thawed, it need not be asked again.
    """

    key: FunctionKey
    workload: Workload
    ready: bool = False
    late: bool = False
    withdrawn_at: float | None = None
    drained: bool = False
    answered: bool = False

    @property
    def id(self) -> str:
        """The containerd identifier."""
        return self.workload.id

    @property
    def serves(self) -> bool:
        """Whether it may be sent requests."""
        return self.ready and self.withdrawn_at is None

    @property
    def drain_until(self) -> float:
        """Until when its last requests are waited for; SIGTERM begins a grace of its own."""
        return (self.withdrawn_at or 0.0) + min(self.workload.record.grace, LONGEST_DRAIN)


def serving_generations(ready: Iterable[int]) -> frozenset[int]:
    """Return which generations are sent requests, from those of the replicas that answer.

    While an update brings up its replicas one by one, those of the generation before stay beside
    them as long as they are more: the first new one need not carry what all of the old did.
    """
    counts = Counter(ready)
    if not counts:
        return frozenset()
    most = max(counts, key=lambda generation: (counts[generation], generation))
    return frozenset((max(counts), most))


def in_rotation(replicas: Sequence[Replica]) -> Sequence[Replica]:
    """Return the replicas that are sent requests."""
    serving = [replica for replica in replicas if replica.serves]
    chosen = serving_generations(replica.workload.generation for replica in serving)
    return [replica for replica in serving if replica.workload.generation in chosen]


def see_again(known: Replica, workload: Workload) -> Replica:
    """Return what is known of a replica when it is found again, maybe with another process.

    One that ran, and of which nobody could tell the process then, is taken for the same.
    """
    before = known.workload.task
    same = before.pid == workload.task.pid or (before.state is TaskState.RUNNING and not before.pid)
    if same and workload.state is TaskState.PAUSED:
        return Replica(key=known.key, workload=workload, answered=known.ready or known.answered)
    if not same or workload.state is not TaskState.RUNNING:
        return Replica(key=known.key, workload=workload)
    if known.workload.state is TaskState.PAUSED:
        return Replica(key=known.key, workload=workload, ready=known.answered)
    return replace(known, workload=workload)
