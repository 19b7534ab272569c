"""Reads settings from an environment; each wrong one is a sentence that names it."""

from collections.abc import Mapping

from faasd.base.durations import parse_duration
from faasd.base.errors import InvalidInput
from faasd.base.quantities import parse_memory

LONGEST = 7 * 24 * 3600.0


class Reader:
    """Reads names of one environment; an empty value is none."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str, default: str) -> str:
        """Return a text."""
        return self._environment.get(name, "").strip() or default

    def url(self, name: str, default: str, schemes: tuple[str, ...]) -> str:
        """Return a URL without the slash at its end.

        Raises:
            InvalidInput: it has another scheme, or no host.
        """
        value = self.text(name, default)
        scheme, mark, rest = value.partition("://")
        if not mark or scheme not in schemes or not rest.strip("/"):
            wanted = " or ".join(f"{one}://HOST:PORT" for one in schemes)
            raise InvalidInput(f"{name} is {value!r}: it must be {wanted}", field=name)
        return value.rstrip("/")

    def number(self, name: str, default: int, most: int) -> int:
        """Return a whole number from 1 to `most`.

        Raises:
            InvalidInput: it is none.
        """
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit() and 1 <= int(value) <= most:
            return int(value)
        raise InvalidInput(f"{name} is {value!r}: it must be a number from 1 to {most}", field=name)

    def seconds(self, name: str, default: float, least: float = 0.0) -> float:
        """Return a duration in seconds, from `least` to a week.

        Raises:
            InvalidInput: it is none.
        """
        value = self.text(name, "")
        seconds = parse_duration(value, field=name) if value else default
        if least <= seconds <= LONGEST:
            return seconds
        raise InvalidInput(f"{name} is {value!r}: it must be {least:g}s to a week", field=name)

    def memory(self, name: str, default: int) -> int:
        """Return a quantity of bytes.

        Raises:
            InvalidInput: it is none.
        """
        value = self.text(name, "")
        return parse_memory(value, field=name) if value else default
