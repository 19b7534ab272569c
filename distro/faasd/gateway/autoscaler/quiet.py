"""Since when nobody has wanted anything of a function. Pure."""

from dataclasses import dataclass

from faasd.gateway.route_feed import RouteEntry
from faasd.router.tally import FunctionStats

READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A function at one moment.

    Attributes:
        at: seconds on a clock that only goes forward.
        entry: what the provider tells of it.
        stats: what the router counts.
        worker: the router's process that counts; what another one counted last is not known.
        cpu: thousandths of a core that all replicas took since the look before; None where that
            is not known.
    """

    at: float
    entry: RouteEntry
    stats: FunctionStats
    worker: str
    cpu: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """What is known of a function's rest.

    Attributes:
        since: when it was last seen to be wanted; at the first look, that look.
        last: the look before this one.
    """

    since: float
    last: Look

    def lasts(self, at: float) -> float:
        """Return for how many seconds it has been quiet."""
        return at - self.since


def see(before: Quiet | None, look: Look) -> Quiet:
    """Return what is known after one more look."""
    wanted = before is None or _is_wanted(before.last, look)
    return Quiet(since=look.at if before is None or wanted else before.since, last=look)


def _is_wanted(before: Look, now: Look) -> bool:
    """Tell whether a function was called, is at work, or was touched between two looks.

    One that is not ready is not quiet: what is being started or fails is somebody's business.
    """
    called = now.stats.requests != before.stats.requests or now.stats.current > 0
    known = now.worker == before.worker
    touched = (now.entry.generation, now.entry.replicas, now.entry.policy) != (
        before.entry.generation,
        before.entry.replicas,
        before.entry.policy,
    )
    return called or touched or not known or now.entry.state != READY
