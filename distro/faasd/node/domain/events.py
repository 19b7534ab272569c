"""What the node tells of its containers as it happens."""

from dataclasses import dataclass
from enum import Enum


class EventKind(Enum):
    """What happened to a container.

    RESYNC: the stream began or was interrupted, and anything may have been missed: look at all.
    """

    STARTED = "started"
    EXITED = "exited"
    OOM = "oom"
    PAUSED = "paused"
    RESUMED = "resumed"
    RESYNC = "resync"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeEvent:
    """One event. `namespace` and `container` are empty in a RESYNC.

    Attributes:
        exit_status: of an EXITED, 0 to 255.
    """

    kind: EventKind
    namespace: str = ""
    container: str = ""
    exit_status: int = 0
