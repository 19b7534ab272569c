"""Reading the values of labels; what cannot be is refused by the label's name."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from faasd.base.durations import parse_duration
from faasd.base.errors import InvalidInput, Unsatisfiable

_SHOWN = 40
_DIGITS = 9
_YES, _NO = ("true", "1"), ("false", "0")

Choice = TypeVar("Choice", bound=Enum)


@dataclass(frozen=True, slots=True)
class LabelReader:
    """Reads some labels; one that is empty counts as not set.

    Every method raises `Unsatisfiable`, whose sentence names the label.
    """

    labels: Mapping[str, str]

    def has(self, key: str) -> bool:
        """Tell whether a label is set."""
        return bool(self.labels.get(key))

    def number(self, key: str, default: int, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`."""
        text = self.labels.get(key) or str(default)
        if not _is_number(text) or not least <= int(text) <= most:
            raise _refused(key, text, f"a whole number from {least} to {most}")
        return int(text)

    def fraction(self, key: str, default: float, least: float, most: float) -> float:
        """Return a number like ``0.9`` from `least` to `most`."""
        text = self.labels.get(key) or str(default)
        whole, _, part = text.partition(".")
        if not (_is_number(whole) and (_is_number(part or "0"))):
            raise _refused(key, text, f"a number from {least:g} to {most:g}")
        if not least <= float(text) <= most:
            raise _refused(key, text, f"a number from {least:g} to {most:g}")
        return float(text)

    def flag(self, key: str) -> bool:
        """Return a flag; not set is no."""
        text = self.labels.get(key, "").lower()
        if text and text not in (*_YES, *_NO):
            raise _refused(key, text, "true or false")
        return text in _YES

    def choice(self, key: str, default: Choice) -> Choice:
        """Return one of the values of an enumeration."""
        text = self.labels.get(key) or str(default.value)
        known = {str(member.value): member for member in type(default)}
        if text not in known:
            raise _refused(key, text, f"one of {', '.join(known)}")
        return known[text]

    def seconds(self, key: str, default: float, least: float, most: float) -> float:
        """Return a duration like ``15m`` from `least` to `most` seconds."""
        text = self.labels.get(key, "")
        if not text:
            return default
        must = f"a duration like 15m, from {least:g} s to {most / 3600:g} h"
        try:
            found = parse_duration(text, field=key)
        except InvalidInput:
            raise _refused(key, text, must) from None
        if not least <= found <= most:
            raise _refused(key, text, must)
        return found


def label_field(key: str) -> str:
    """Return how an error names a label."""
    return f'labels["{key}"]'


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _DIGITS


def _refused(key: str, text: str, must: str) -> Unsatisfiable:
    field = label_field(key)
    return Unsatisfiable(f"{field} {text[:_SHOWN]!r} must be {must}", field=field)
