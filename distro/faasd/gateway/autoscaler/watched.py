"""What the autoscaler remembers of one function."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from faasd.base.errors import FaasdError
from faasd.base.load import LoadType
from faasd.gateway.autoscaler.actions import Action, Scale
from faasd.gateway.autoscaler.decide import Situation, decide_replicas
from faasd.gateway.autoscaler.floor import Floor, see_floor, was_asked
from faasd.gateway.autoscaler.load import measure
from faasd.gateway.autoscaler.quiet import Look, Quiet, see
from faasd.gateway.autoscaler.rest import Rest, decide_rest
from faasd.gateway.autoscaler.trace import Trace, add

LATER = 5.0
"""Seconds until what could not be done is tried again."""
TOLD = 2.0
"""Seconds within which the provider's stream tells what the provider was told."""
GROWING = frozenset(("ready", "starting", "pending"))
"""States in which more replicas are of use: one that fails, fails in many as well."""


class Watched:
    """One function, from look to look."""

    def __init__(self) -> None:
        self._quiet: Quiet | None = None
        self._cleared_at: float | None = None
        self._slept_at: float | None = None
        self._trace: Trace = ()
        self._kind: LoadType | None = None
        self._floor: Floor | None = None
        self._asked: int | None = None
        self._not_before = 0.0
        self._trouble = ""

    @property
    def rested(self) -> float:
        """For how many seconds nobody has wanted anything of it."""
        return 0.0 if self._quiet is None else self._quiet.lasts(self._quiet.last.at)

    def see(self, look: Look) -> None:
        """Take one look in."""
        before = None if self._quiet is None else self._quiet.last
        self._floor = see_floor(self._floor, before, look, self._asked)
        if before is not None and was_asked(before, look, self._asked):
            self._asked = None
        self._measure(before, look)
        self._quiet = see(self._quiet, look)
        if self._slept_at is not None and look.entry.replicas > 0:
            # What the provider was told it tells itself a moment later.
            self._slept_at = self._slept_at if look.at - self._slept_at < TOLD else None

    def find_quiet(self) -> Quiet | None:
        """Return what is known of its rest; None while it is left alone."""
        if self._quiet is None or self._quiet.last.at < self._not_before:
            return None
        return self._quiet

    def decide(self, patience: float = math.inf) -> Action | None:
        """Return what is to be done now, or None; see `Rest` for `patience`."""
        if self._quiet is None or self._quiet.last.at < self._not_before:
            return None
        rest = Rest(
            quiet=self._quiet,
            cleared_at=self._cleared_at,
            patience=patience,
            ours=self._slept_at is not None,
        )
        return decide_rest(rest) or self._decide_scale(self._quiet.last)

    def clear(self, at: float) -> None:
        """Note that nothing speaks against sleep."""
        self._cleared_at = at

    def has_slept(self, at: float) -> None:
        """Note that it was put to sleep."""
        self._slept_at, self._cleared_at, self._trouble = at, None, ""

    @contextmanager
    def asking(self, replicas: int) -> Iterator[None]:
        """Note that another number of replicas is asked for, unless the block fails.

        Before it is: the provider's stream may tell of it sooner than its answer does.
        """
        self._asked = replicas
        try:
            yield
        except FaasdError:
            self._asked = None
            raise
        self._trouble = ""

    def postpone(self, at: float, trouble: str) -> bool:
        """Leave it alone for a while; tell whether the trouble is a new one."""
        self._not_before = at + LATER
        new, self._trouble = trouble != self._trouble, trouble
        return new

    def _measure(self, before: Look | None, look: Look) -> None:
        """Take the load in; what was measured by another measure says nothing any more."""
        policy = look.entry.policy
        by_load = None if policy is None else policy.by_load
        kind = None if by_load is None else by_load.type
        if kind is not self._kind:
            self._kind, self._trace = kind, ()
        load = None if kind is None else measure(kind, before, look)
        if load is not None:
            self._trace = add(self._trace, look.at, load, look.entry.replicas)

    def _decide_scale(self, look: Look) -> Action | None:
        policy, entry = look.entry.policy, look.entry
        if policy is None or policy.by_load is None or not self._trace:
            return None
        if self._trace[-1].at != look.at:
            return None  # the load of now is not known
        situation = Situation(
            by_load=policy.by_load,
            least=policy.least,
            most=policy.most,
            replicas=entry.replicas,
            trace=self._trace,
            floor=0 if self._floor is None else self._floor.replicas,
            may_grow=entry.state in GROWING,
        )
        replicas = decide_replicas(situation)
        if replicas == entry.replicas:
            return None
        return Scale(replicas=replicas, load=self._trace[-1].recent)
