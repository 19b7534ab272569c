"""Headers of one hop, which end at the next (RFC 9110, section 7.6.1)."""

from collections.abc import Collection, Iterable

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


def without_hop_by_hop(
    headers: Iterable[tuple[str, str]], dropped: Collection[str]
) -> list[tuple[str, str]]:
    """Return headers without those for the next hop only, which ``Connection`` may name, too.

    Args:
        headers: names and values; what is left stays in order.
        dropped: more names to leave out, in lower case.
    """
    given = list(headers)
    named = {
        word.strip().lower()
        for name, value in given
        if name.lower() == "connection"
        for word in value.split(",")
    }
    left_out = HOP_BY_HOP | named | set(dropped)
    return [(name, value) for name, value in given if name.lower() not in left_out]
