"""Whether a function goes to sleep now. Pure."""

import math
from dataclasses import dataclass

from faasd.gateway.autoscaler.actions import Action, Clear, Sleep, Wake
from faasd.gateway.autoscaler.quiet import Look, Quiet

CLEARED_FOR = 3.0
"""Seconds for which it holds that nothing speaks against sleep; counters are read each second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A function that may sleep.

    Attributes:
        cleared_at: when nothing spoke against it; None where that was not asked yet.
        patience: seconds without a call after which it sleeps though its label says longer.
        ours: it is asleep because it was put to sleep here, and nobody else touched it since.
    """

    quiet: Quiet
    cleared_at: float | None = None
    patience: float = math.inf
    ours: bool = False


def decide_rest(rest: Rest) -> Action | None:
    """Return what to do, or None.

    What takes time is asked first, so that between the last look at the counters and the word to
    the provider there are milliseconds. A call that comes in those is seen at the next look: it is
    in flight at a function that shall not run.
    """
    look = rest.quiet.last
    if look.entry.replicas == 0:
        return Wake() if rest.ours and look.stats.current > 0 else None
    if not _has_rested(rest, look):
        return None
    cleared_at = rest.cleared_at
    if cleared_at is None or look.at - cleared_at > CLEARED_FOR or cleared_at < rest.quiet.since:
        return Clear()
    return Sleep()


def _has_rested(rest: Rest, look: Look) -> bool:
    policy = look.entry.policy
    if policy is None or policy.idle is None:
        return False
    return rest.quiet.lasts(look.at) >= min(policy.idle, rest.patience)
