"""What the autoscaler can do about one function."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clear:
    """See whether anything speaks against letting it sleep."""


@dataclass(frozen=True, slots=True)
class Sleep:
    """Let it sleep: nobody has called it for as long as its label says."""


@dataclass(frozen=True, slots=True)
class Wake:
    """Wake it: a call came in the moment in which it was put to sleep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Give it another number of replicas.

    Attributes:
        load: what it was decided by, in the unit of its policy.
    """

    replicas: int
    load: float


Action = Clear | Sleep | Wake | Scale
