"""Kubernetes quantities (``128Mi``, ``100m``) as they stand in ``limits`` and ``requests``.

Format: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

import re
from decimal import Decimal

from faasd.base.errors import InvalidInput

_QUANTITY = re.compile(
    r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)((?:[KMGTPE]i)|[mkMGTPE]|(?:[eE][0-9]{1,2}))?"
)
_DECIMAL = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18}
_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
_MAX_LENGTH = 32


def parse_memory(text: str, *, field: str) -> int:
    """Return a memory quantity in bytes, rounded up; a bare number is bytes.

    Raises:
        InvalidInput: it is no quantity, or it is zero.
    """
    return _positive(_parse(text, field=field), text, field=field)


def parse_cpu(text: str, *, field: str) -> int:
    """Return a CPU quantity in thousandths of a core, rounded up: ``100m`` is 100, ``2`` is 2000.

    Raises:
        InvalidInput: it is no quantity, or it is zero.
    """
    return _positive(_parse(text, field=field) * 1000, text, field=field)


def _parse(text: str, *, field: str) -> Decimal:
    match = _QUANTITY.fullmatch(text) if len(text) <= _MAX_LENGTH else None
    if match is None:
        raise InvalidInput(
            f"{field} {text[:_MAX_LENGTH]!r} is no quantity: write it like 128Mi, 1G or 100m",
            field=field,
        )
    number, suffix = Decimal(match[1]), match[2] or ""
    if suffix == "m":
        return number / 1000
    if suffix[:1] in ("e", "E") and len(suffix) > 1 and suffix[1] != "i":
        return number * Decimal(10) ** int(suffix[1:])
    return number * (_BINARY.get(suffix) or _DECIMAL[suffix])


def _positive(value: Decimal, text: str, *, field: str) -> int:
    rounded = int(value.to_integral_value(rounding="ROUND_CEILING"))
    if rounded <= 0:
        raise InvalidInput(f"{field} {text!r} must be more than zero", field=field)
    if rounded >= 2**63:
        raise InvalidInput(f"{field} {text!r} is more than any machine has", field=field)
    return rounded
