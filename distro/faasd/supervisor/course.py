"""How a run of the supervisor begins, and whether it ends by itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from faasd.supervisor.decide import Wanted

Read = Callable[[], Sequence[Wanted]]
"""Gives what is wanted: from the file, or from memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One of the runs that a life of `faasd up` is made of; the first, unless told otherwise.

    Attributes:
        rests: it ends once all is well, and leaves everything running.
        recall: what the run before wanted; None of the first run, which reads the file.
        reloads: it reads the file once it runs.
        restarts: how often the services that an earlier run started were started again.
        unhealthy: services that were found so in between; the others are taken for healthy.
    """

    rests: bool = False
    recall: Read | None = None
    reloads: bool = False
    restarts: Mapping[str, int] = field(default_factory=dict)
    unhealthy: frozenset[str] = frozenset()


WHOLE_LIFE = Course()
"""One run from the start of the services to their removal."""
