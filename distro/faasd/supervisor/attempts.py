"""How often a service was started in vain, and when it may be tried again."""

from dataclasses import dataclass

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
SETTLED = 10.0
"""Seconds after which a service without a health check that still runs is taken to be well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """The starts of a service since it was last well.

    The first is at once; the pause before the next doubles from `FIRST_PAUSE` to `LONGEST_PAUSE`.

    Attributes:
        count: starts since it was last well.
        last: when the last was, in seconds of the monotonic clock.
        not_before: when the next may be, of the same clock.
        starts: all of them since `faasd up` began.
    """

    count: int = 0
    last: float = 0.0
    not_before: float = 0.0
    starts: int = 0

    @property
    def restarts(self) -> int:
        """How often it was started again."""
        return max(0, self.starts - 1)

    def another(self, now: float) -> "Attempts":
        """Return the attempts with one more, made now."""
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self.count, 30))
        return Attempts(
            count=self.count + 1, last=now, not_before=now + pause, starts=self.starts + 1
        )

    def well(self) -> "Attempts":
        """Return the attempts of a service that is well: the next start is at once."""
        return Attempts(last=self.last, starts=self.starts)
