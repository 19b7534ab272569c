"""Durations and sizes as the Compose format writes them.

Format: https://docs.docker.com/reference/compose-file/extension/#specifying-durations
"""

import re
from decimal import Decimal

from faasd.supervisor.compose.kinds import as_text
from faasd.supervisor.compose.tree import Tree
from faasd.supervisor.compose.where import Where

_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(h|ms|us|µs|ns|m|s)", re.ASCII)
_SECONDS = {
    "h": Decimal(3600),
    "m": Decimal(60),
    "s": Decimal(1),
    "ms": Decimal("1e-3"),
    "us": Decimal("1e-6"),
    "µs": Decimal("1e-6"),
    "ns": Decimal("1e-9"),
}
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*(?:([kmgt])i?)?b?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def as_seconds(value: Tree, where: Where) -> float:
    """Return a duration (``1m30s``, ``500ms``) in seconds.

    Raises:
        InvalidInput: it is no duration.
    """
    text = as_text(value, where)
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise where.wrong(f"{text!r} is no duration: write it like 10s, 1m30s or 500ms")
    return float(sum(Decimal(number) * _SECONDS[unit] for number, unit in parts))


def as_bytes(value: Tree, where: Where) -> int:
    """Return a size (``64m``, ``1.5gb``) in bytes; all units are powers of 1024.

    Raises:
        InvalidInput: it is no size, or zero.
    """
    text = as_text(value, where)
    match = _SIZE.fullmatch(text)
    size = int(Decimal(match[1]) * 1024 ** _POWERS[(match[2] or "").lower()]) if match else 0
    if not 0 < size < 2**63:
        raise where.wrong(f"{text!r} is no size: write it like 64m or 1g")
    return size
