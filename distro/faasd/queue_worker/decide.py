"""What becomes of a call after a try: a decision without I/O."""

from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from faasd.queue_worker.settings import RetrySettings

AGAIN = frozenset((429, 502, 503, 504))
"""Statuses that say that the same call may succeed later."""

_LEAST_PART = 0.5
"""Of a wait, what chance leaves of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """How one try ended.

    Attributes:
        status: of the function's answer; 0 when there was none.
        reason: a sentence where it failed.
        retry_after: seconds that the answer asked for.
    """

    status: int = 0
    reason: str = ""
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The function answered, whatever it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """The call is to be made again after `wait` seconds."""

    wait: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """The call is not made again by itself."""

    reason: str


Verdict = Done | Again | Dead


def is_final(status: int) -> bool:
    """Tell whether a status is an answer, and no request to come again."""
    return status != 0 and status not in AGAIN


def decide(ended: Try, tries: int, settings: RetrySettings, chance: Callable[[], float]) -> Verdict:
    """Decide.

    Args:
        ended: the last try.
        tries: how many there were, this one included.
        settings: how often, and after how long.
        chance: a number from 0 to 1.
    """
    if is_final(ended.status):
        return Done()
    reason = ended.reason or f"the function answered {ended.status}"
    if tries >= settings.tries:
        return Dead(reason=f"{reason}, after {tries} {'tries' if tries > 1 else 'try'}")
    backed_off = settings.first_wait * 2.0 ** min(tries - 1, 60)
    spread = min(backed_off, settings.most_wait) * (_LEAST_PART + (1 - _LEAST_PART) * chance())
    return Again(wait=max(spread, min(ended.retry_after, settings.retry_after_most)))


def parse_retry_after(text: str, now: float) -> float:
    """Return the seconds of a ``Retry-After``: a number or a date; 0 for anything else."""
    words = text.strip()
    if words.isascii() and words.isdigit():
        return float(words[:9])
    try:
        return max(0.0, parsedate_to_datetime(words).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return 0.0
