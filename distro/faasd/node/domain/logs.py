"""What a function printed, a line at a time."""

import time
from dataclasses import dataclass

_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """Which lines are asked for.

    Attributes:
        instance: the container that printed them; empty is every one of the function's.
        tail: at most so many of those that are there, the last; None is all.
        since: nanoseconds of Unix time; lines before it are left out.
        reach: bytes at the end of what there is, at most, that are looked through where lines have
            to be read to be found; None is all.
    """

    namespace: str
    name: str
    instance: str = ""
    tail: int | None = None
    since: int = 0
    reach: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line.

    Attributes:
        instance: the container that printed it.
        timestamp: as `format_time` writes it.
    """

    namespace: str
    name: str
    instance: str
    timestamp: str
    text: str


def format_time(nanoseconds: int) -> str:
    """Write Unix time as RFC 3339 in UTC with nanoseconds; such texts sort as their times do."""
    seconds, rest = divmod(nanoseconds, _SECOND)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{rest:09d}Z"
