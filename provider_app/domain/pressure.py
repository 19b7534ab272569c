"""Whether the machine is short of memory, from a look each second: pure.

Its stalls say so: the kernel counts for how long some task waited for memory (PSI). A function
that thrashes within its own limit makes such stalls, too, so they count only while the machine has
little memory left. Without PSI that alone decides, and less must be left. It takes much to call
memory short and little to go on calling it so: what was freed is not handed out again at once.
"""

from dataclasses import dataclass
from enum import Enum

STALLS, CALM_STALLS = 0.2, 0.05
"""Share of the time in which some task waits: at which memory is short, and below which it is not.
"""
LITTLE = 0.25
"""Share of the machine's memory that is available, above which stalls are not the machine's."""
LEAST, CALM_LEAST = 0.05, 0.1
"""The same without PSI: below which memory is short, and above which it is not."""

LASTS = 2
"""Looks in a row that have to say so."""
CALM = 10.0
"""Seconds without a hint of it, after which memory is not short any more."""
SETTLE = 2.0
"""Seconds between two steps: what one frees shows before the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the kernel tells.

    Attributes:
        at: seconds, on a clock that only goes forward.
        stalled: seconds since the boot in which some task waited for memory; None without PSI.
        available: share of the machine's memory that is available; None where that is not known.
    """

    at: float
    stalled: float | None = None
    available: float | None = None


class Strain(Enum):
    """What the last second says."""

    NONE = "none"
    SOME = "some"
    MUCH = "much"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressure:
    """What is known of the machine's memory.

    Attributes:
        short: whether it is.
        strain: of the last second.
        looks: for how many looks in a row the strain has been much.
        hint_at: when there was the last hint of any.
        stepped_at: when something was last done about it.
    """

    last: Reading | None = None
    short: bool = False
    strain: Strain = Strain.NONE
    looks: int = 0
    hint_at: float = float("-inf")
    stepped_at: float = float("-inf")

    @property
    def wants_step(self) -> bool:
        """Whether something is to be done now."""
        due = self.last is not None and self.last.at - self.stepped_at >= SETTLE
        return self.short and self.strain is not Strain.NONE and due


def see_reading(before: Pressure, reading: Reading) -> Pressure:
    """Return what is known after one more look."""
    strain = _strain(before.last, reading)
    looks = before.looks + 1 if strain is Strain.MUCH else 0
    hint_at = before.hint_at if strain is Strain.NONE else reading.at
    calm = reading.at - hint_at >= CALM
    return Pressure(
        last=reading,
        short=looks >= LASTS or (before.short and not calm),
        strain=strain,
        looks=looks,
        hint_at=hint_at,
        stepped_at=before.stepped_at,
    )


def _strain(before: Reading | None, now: Reading) -> Strain:
    if now.stalled is None:
        left = 1.0 if now.available is None else now.available
        return _weigh(much=left < LEAST, none=left > CALM_LEAST)
    if before is None or before.stalled is None or now.at <= before.at:
        return Strain.NONE
    share = (now.stalled - before.stalled) / (now.at - before.at)
    if now.available is not None and now.available >= LITTLE:
        return Strain.NONE
    return _weigh(much=share >= STALLS, none=share < CALM_STALLS)


def _weigh(*, much: bool, none: bool) -> Strain:
    if much:
        return Strain.MUCH
    return Strain.NONE if none else Strain.SOME
