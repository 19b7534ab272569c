"""How a run of the supervisor begins, and whether it ends by itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from faasd.supervisor.decide import Wanted

Read = Callable[[], Sequence[Wanted]]
"""Reads what is wanted, as `faasd.supervisor.wanted.read_wanted` does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What a run leaves to the one that goes on after it.

    Attributes:
        wanted: the services as they were read last.
        node_address: the node's on the bridge; there is one, or nothing would run.
    """

    wanted: Sequence[Wanted]
    node_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One of the runs that a life of `faasd up` is made of; the first, unless told otherwise.

    Attributes:
        rests: it ends once all is well, and leaves everything running.
        recall: gives what the run before left; None of the first run, which makes the bridge and
            reads the file.
        reloads: it reads the file once it runs.
        restarts: how often the services that an earlier run started were started again.
        unhealthy: services that were found so in between; the others are taken for healthy.
    """

    rests: bool = False
    recall: Callable[[], Remembered] | None = None
    reloads: bool = False
    restarts: Mapping[str, int] = field(default_factory=dict)
    unhealthy: frozenset[str] = frozenset()


WHOLE_LIFE = Course()
"""One run from the start of the services to their removal."""
