"""What a client asks of a function's logs, parsed and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from faasd.base.errors import InvalidInput
from faasd.base.names import MAX_CONTAINER_ID, check_dns_label
from faasd.node.domain.logs import LogQuery
from provider_app.domain.deployment import parse_namespace
from provider_app.domain.flags import parse_flag

_INSTANCE = re.compile("[-.a-zA-Z0-9]+")
_NUMBER = re.compile("[-+]?[0-9]{1,18}", re.ASCII)
_UNIX = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,9}))?", re.ASCII)
_RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]{1,9}))?(?:[Zz]|([-+])([0-9]{2}):([0-9]{2}))",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000_000
_LAST = 253_402_300_799
"""Unix time of the last second that RFC 3339 can write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRequest:
    """What is asked for, and whether what comes later is, too."""

    query: LogQuery
    follow: bool


def parse_log_request(arguments: Mapping[str, str]) -> LogRequest:
    """Read the arguments of ``GET /system/logs``.

    Raises:
        InvalidInput: one is malformed; the error names it.
    """
    query = LogQuery(
        namespace=parse_namespace(arguments.get("namespace", "")),
        name=check_dns_label(arguments.get("name", ""), field="name"),
        instance=_parse_instance(arguments.get("instance", "")),
        tail=_parse_tail(arguments.get("tail", "")),
        since=parse_since(arguments.get("since", "")),
    )
    return LogRequest(query=query, follow=parse_flag(arguments.get("follow", ""), field="follow"))


def parse_since(text: str) -> int:
    """Return a time in nanoseconds of Unix time: RFC 3339, or seconds of Unix time; empty is 0.

    Raises:
        InvalidInput: it is neither.
    """
    seconds: int | None = None
    fraction = ""
    if not text:
        return 0
    if unix := _UNIX.fullmatch(text):
        seconds, fraction = int(unix[1]), unix[2] or ""
    elif written := _RFC3339.fullmatch(text):
        seconds, fraction = _seconds(written), written[7] or ""
    if seconds is None or seconds > _LAST:
        raise InvalidInput(
            f"since {text[:40]!r} must be a time like 2026-01-31T12:00:00Z, or seconds of Unix "
            "time",
            field="since",
        )
    return max(seconds * _SECOND + int(fraction.ljust(9, "0")), 0)


def _seconds(written: re.Match[str]) -> int | None:
    year, month, day, hour, minute, second = (int(written[n]) for n in range(1, 7))
    sign, hours, minutes = written[8] or "+", int(written[9] or 0), int(written[10] or 0)
    try:
        offset = timezone(timedelta(hours=hours, minutes=minutes) * (1 if sign == "+" else -1))
        # A leap second is the one after it; datetime knows none.
        time = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=offset)
        leap = timedelta(seconds=1 if second == 60 else 0)  # noqa: PLR2004
        return (time + leap - _EPOCH) // timedelta(seconds=1) if second <= 60 else None  # noqa: PLR2004
    except (ValueError, OverflowError):
        return None


def _parse_tail(text: str) -> int | None:
    """Return how many lines; as OpenFaaS has it, 0 and less is all there are."""
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise InvalidInput(f"tail {text[:40]!r} must be a number of lines", field="tail")
    number = int(text)
    return number if number > 0 else None


def _parse_instance(text: str) -> str:
    if text and (len(text) > MAX_CONTAINER_ID or not _INSTANCE.fullmatch(text)):
        raise InvalidInput(
            f"instance {text[:80]!r} must be the name of a replica, as log lines have it",
            field="instance",
        )
    return text
