"""Which headers are passed on, and which end at the next hop (RFC 9110, section 7.6.1)."""

from collections.abc import Iterable

from faasd.http.hops import without_hop_by_hop

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
    return tuple(without_hop_by_hop(headers, FRAMING | without))
