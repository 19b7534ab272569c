"""Replicas that failed: why, how often, and when they are tried again."""

from collections.abc import Mapping
from dataclasses import dataclass

STABLE = 60.0
"""Seconds after which a replica that runs counts as mended."""

MAX_DELAY = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What went wrong with one replica.

    Attributes:
        reason: a sentence.
        count: how often in a row.
        at: when it last did, on the clock that `decide` is given.
    """

    reason: str
    count: int
    at: float

    @property
    def retry_at(self) -> float:
        """When it is tried again: at once after the first failure, then after 1, 2, 4 … 60 s."""
        # Bounded: after 1,025 failures, 17 hours of them, the power would be too large for a float.
        delay = 0.0 if self.count <= 1 else min(2.0 ** min(self.count - 2, 60), MAX_DELAY)
        return self.at + delay


Failures = Mapping[str, Failure]
"""By container identifier."""


def next_failure(before: Failure | None, reason: str, now: float) -> Failure:
    """Return the failure after one more; it counts anew where the last was long mended."""
    count = 0 if before is None or now - before.retry_at > STABLE else before.count
    return Failure(reason=reason, count=count + 1, at=now)
