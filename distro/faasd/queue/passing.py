"""Which headers are passed on, and which end at the next hop (RFC 9110, section 7.6.1)."""

from collections.abc import Iterable

HOP_BY_HOP = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
FRAMING = frozenset(("content-length", "expect"))
"""Made anew by who sends the message on."""


def end_to_end(
    headers: Iterable[tuple[str, str]], without: frozenset[str] = frozenset()
) -> tuple[tuple[str, str], ...]:
    """Return the headers that may be passed on, in their order.

    Args:
        headers: names and values; those that ``Connection`` names are left out as well.
        without: more names to leave out, in lower case.
    """
    given = tuple(headers)
    named = {
        word.strip().lower()
        for name, value in given
        if name.lower() == "connection"
        for word in value.split(",")
    }
    dropped = HOP_BY_HOP | FRAMING | without | named
    return tuple((name, value) for name, value in given if name.lower() not in dropped)
