"""What a person asked for holds for a while: fewer replicas there are not. Pure."""

from dataclasses import dataclass

from faasd.gateway.autoscaler.quiet import Look

HOLDS = 300.0
"""Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """So many replicas at least, until a moment."""

    replicas: int
    until: float


def see_floor(
    floor: Floor | None, before: Look | None, now: Look, asked: int | None
) -> Floor | None:
    """Return the floor after one more look.

    A number that changed and was not `asked` for here was set by a person, or by an alert that a
    person wrote; but for a deployment, which brings its own, and for waking up to the least.
    """
    if before is not None and _was_set(before, now) and not was_asked(before, now, asked):
        return Floor(replicas=now.entry.replicas, until=now.at + HOLDS)
    return floor if floor is not None and now.at < floor.until else None


def was_asked(before: Look, now: Look, asked: int | None) -> bool:
    """Tell whether a number changed as it was `asked` for here: of more, as many come as fit."""
    if asked is None or now.entry.replicas == before.entry.replicas:
        return False
    least, most = sorted((before.entry.replicas, asked))
    return least <= now.entry.replicas <= most


def _was_set(before: Look, now: Look) -> bool:
    replicas, policy = now.entry.replicas, now.entry.policy
    if replicas in (0, before.entry.replicas) or now.entry.generation != before.entry.generation:
        return False
    return before.entry.replicas > 0 or policy is None or replicas != policy.least
