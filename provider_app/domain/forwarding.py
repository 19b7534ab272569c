"""Which headers pass through a proxy, and which it adds (RFC 9110, 7.6; RFC 7239's ancestors)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from faasd.http.hops import without_hop_by_hop

Headers = Sequence[tuple[str, str]]

CALL_ID = "X-Call-Id"
START_TIME = "X-Start-Time"
DURATION = "X-Duration-Seconds"
FORWARDED_FOR = "X-Forwarded-For"
FORWARDED_HOST = "X-Forwarded-Host"
MAX_CALL_ID = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One invocation.

    Attributes:
        id: the caller's own, or a new UUID.
        start: Unix nanoseconds.
        caller: the address it came from.
        host: the Host header it came with.
    """

    id: str
    start: int
    caller: str
    host: str


def forwarded_headers(headers: Iterable[tuple[str, str]], call: Call) -> Headers:
    """Return the headers that a function gets."""
    given = list(headers)
    before = [value for name, value in given if name.lower() == "x-forwarded-for"]
    replaced = {"x-call-id", "x-start-time", "x-forwarded-for", "host", "expect"}
    if any(name.lower() == "x-forwarded-host" for name, _ in given):
        host = []
    else:
        host = [(FORWARDED_HOST, call.host)] if call.host else []
    return [
        *without_hop_by_hop(given, dropped=replaced),
        ("Host", call.host or "localhost"),
        (CALL_ID, call.id),
        (START_TIME, str(call.start)),
        (FORWARDED_FOR, ", ".join([*before, call.caller])),
        *host,
    ]


def answered_headers(headers: Iterable[tuple[str, str]], call: Call, seconds: float) -> Headers:
    """Return the headers that the caller gets."""
    return [
        *without_hop_by_hop(headers, dropped={"x-call-id", "x-start-time", "x-duration-seconds"}),
        (CALL_ID, call.id),
        (START_TIME, str(call.start)),
        (DURATION, f"{seconds:.6f}"),
    ]


def pick_call_id(given: str | None, fresh: str) -> str:
    """Return the caller's call id where it is a sensible one, else `fresh`."""
    usable = given and len(given) <= MAX_CALL_ID and given.isascii() and given.isprintable()
    return given if given and usable else fresh
