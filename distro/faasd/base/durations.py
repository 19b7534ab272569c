"""Go durations (``65s``, ``5m5s``, ``1h2m0.5s``), as OpenFaaS writes its timeouts.

Format: https://pkg.go.dev/time#ParseDuration
"""

import re

from faasd.base.errors import InvalidInput

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)"
_DURATION = re.compile(f"(?:{_PART})+")
_MAX_LENGTH = 40


def parse_duration(text: str, *, field: str) -> float:
    """Return a duration in seconds; ``0`` needs no unit, and a bare number is seconds.

    Raises:
        InvalidInput: it is no duration; the sentence names `field`.
    """
    if re.fullmatch("[0-9]{1,9}", text, re.ASCII):
        return float(text)
    if len(text) > _MAX_LENGTH or not _DURATION.fullmatch(text):
        raise InvalidInput(
            f"{field} {text[:_MAX_LENGTH]!r} is no duration: write it like 30s, 1m30s or 500ms",
            field=field,
        )
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(_PART, text))
