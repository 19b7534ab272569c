"""The labels that say how many replicas a function may have."""

from collections.abc import Mapping
from dataclasses import dataclass

from faasd.base.errors import InvalidInput, Unsatisfiable

MIN = "com.openfaas.scale.min"
MAX = "com.openfaas.scale.max"
ZERO = "com.openfaas.scale.zero"
HIGHEST = 100
"""Replicas of one function on one node, at most."""

DEFAULT_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """How many replicas there may be, and whether an idle function may have none."""

    least: int = 1
    most: int = DEFAULT_MAX
    to_zero: bool = False


def read_scaling(labels: Mapping[str, str]) -> Scaling:
    """Read the labels.

    Raises:
        InvalidInput: one is no number or no boolean; the error names the label.
        Unsatisfiable: they contradict each other, or ask for more than one node gives.
    """
    least = _number(labels, MIN, 1)
    most = _number(labels, MAX, max(DEFAULT_MAX, least))
    if least > most:
        field = f'labels["{MIN}"]'
        raise Unsatisfiable(f'{field} {least} is more than labels["{MAX}"] {most}', field=field)
    return Scaling(least=least, most=most, to_zero=_flag(labels, ZERO))


def check_replicas(replicas: int, field: str) -> int:
    """Return a number of replicas that this node gives.

    Raises:
        InvalidInput: it is negative.
        Unsatisfiable: it is too high.
    """
    if replicas < 0:
        raise InvalidInput(f"{field} {replicas} must not be negative", field=field)
    if replicas > HIGHEST:
        raise Unsatisfiable(f"{field} {replicas} is more than {HIGHEST}", field=field)
    return replicas


def _number(labels: Mapping[str, str], key: str, default: int) -> int:
    text = labels.get(key, "")
    if not text:
        return default
    field = f'labels["{key}"]'
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:  # noqa: PLR2004
        raise InvalidInput(f"{field} {text[:40]!r} must be a number", field=field)
    return max(check_replicas(int(text), field), 1)


def _flag(labels: Mapping[str, str], key: str) -> bool:
    text = labels.get(key, "").lower()
    if text not in ("", "true", "false", "1", "0"):
        field = f'labels["{key}"]'
        raise InvalidInput(f"{field} {text[:40]!r} must be true or false", field=field)
    return text in ("true", "1")
