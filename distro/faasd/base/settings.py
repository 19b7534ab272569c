"""Reads a program's settings from its environment; a wrong one is a sentence that names it."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from faasd.base.durations import parse_duration
from faasd.base.errors import InvalidInput

MAX_PORT = 65535
DAY = 24 * 3600.0
WEEK = 7 * DAY

Value = TypeVar("Value")

_NAMES = {DAY: "a day", WEEK: "a week"}
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


class SettingsReader:
    """Reads one setting at a time; an empty one counts as not set.

    Args:
        longest: of any duration, in seconds: `DAY` or `WEEK`.
    """

    def __init__(self, environment: Mapping[str, str], *, longest: float) -> None:
        self._environment = environment
        self._longest = longest

    def text(self, name: str, default: str) -> str:
        """Return a text."""
        return self._environment.get(name, "").strip() or default

    def flag(self, name: str, *, default: bool) -> bool:
        """Return whether it is true or 1.

        Raises:
            InvalidInput: it is neither that nor false or 0.
        """
        return self.read(name, default, lambda text: _FLAGS[text.lower()], "true or false")

    def port(self, name: str, default: int) -> int:
        """Return a TCP port.

        Raises:
            InvalidInput: it is none.
        """
        return self.number(name, default, range(1, MAX_PORT + 1))

    def number(self, name: str, default: int, allowed: range) -> int:
        """Return a whole number.

        Raises:
            InvalidInput: it is none, or not an allowed one.
        """
        return self.read(
            name,
            default,
            lambda text: allowed[allowed.index(int(text))],
            f"a number from {allowed[0]} to {allowed[-1]}",
        )

    def seconds(self, name: str, default: float) -> float:
        """Return a duration in seconds, more than 0.

        Raises:
            InvalidInput: it is none, or too long.
        """
        return self.read(
            name,
            default,
            lambda text: self._check_duration(parse_duration(text, field=name)),
            f"a duration like 30s, more than 0 and at most {_NAMES[self._longest]}",
        )

    def read(self, name: str, default: Value, parse: Callable[[str], Value], wanted: str) -> Value:
        """Return what `parse` makes of the text; a ValueError or KeyError of it is a refusal.

        Raises:
            InvalidInput: it refused; `wanted` says in the sentence what it must be.
        """
        text = self.text(name, "")
        try:
            return parse(text) if text else default
        except (ValueError, KeyError, InvalidInput) as error:
            raise InvalidInput(
                f"setting {name} is {text[:80]!r}, it must be {wanted}", field=name
            ) from error

    def _check_duration(self, seconds: float) -> float:
        if not 0 < seconds <= self._longest:
            raise ValueError(seconds)
        return seconds
