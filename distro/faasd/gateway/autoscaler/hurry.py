"""Who sleeps before its time when the machine is short of memory. Pure."""

from collections.abc import Mapping

from faasd.gateway.autoscaler.quiet import Quiet

LEAST_REST = 10.0
"""Seconds for which nobody has to have called a function, however short memory is: one that is
called more often would be woken at once."""


def choose_hurried(quiets: Mapping[str, Quiet]) -> str | None:
    """Return which of some functions is to sleep now: of those that may, the longest idle one."""
    idle = {key: quiet for key, quiet in quiets.items() if _may_hurry(quiet)}
    return min(idle, key=lambda key: (idle[key].since, key), default=None)


def _may_hurry(quiet: Quiet) -> bool:
    entry = quiet.last.entry
    sleeps = entry.policy is not None and entry.policy.idle is not None
    return sleeps and entry.replicas > 0 and quiet.lasts(quiet.last.at) >= LEAST_REST
