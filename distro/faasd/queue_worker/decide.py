"""What becomes of a call after a try: a decision without I/O."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from faasd.base.node_answer import ANSWER_HEADER, UNKNOWN_FUNCTION
from faasd.queue_worker.settings import RetrySettings

AGAIN = frozenset((429, 502, 503, 504))
"""Statuses that say that the same call may succeed later."""

NO_SUCH_FUNCTION = "there is no such function on this node"

_NOT_FOUND = 404
_LEAST_PART = 0.8
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


def read_try(status: int, headers: Mapping[str, str], now: float) -> Try:
    """Return how a try ended that was answered, by the function or by the node in its place.

    A function that the node does not have may be deployed again: that is nobody's answer.
    """
    retry_after = parse_retry_after(headers.get("Retry-After", ""), now)
    if status == _NOT_FOUND and headers.get(ANSWER_HEADER) == UNKNOWN_FUNCTION:
        return Try(reason=NO_SUCH_FUNCTION, retry_after=retry_after)
    return Try(status=status, retry_after=retry_after)


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
