"""Fields of a JSON document that nobody vouches for."""

from collections.abc import Mapping, Sequence

from faasd.base.errors import InvalidInput

_LONGEST = 4096


class Fields:
    """An object of the document; whatever is not as it must be is refused.

    Raises:
        InvalidInput: it is no object.
    """

    def __init__(self, value: object) -> None:
        if not isinstance(value, dict):
            raise InvalidInput("its list of contents is malformed")
        self._fields: Mapping[str, object] = value

    def text(self, name: str) -> str:
        """Return a text.

        Raises:
            InvalidInput: it is none, or too long.
        """
        return _text(name, self._fields.get(name))

    def texts(self) -> Mapping[str, str]:
        """Return all fields, each a text."""
        return {str(name): _text(str(name), value) for name, value in self._fields.items()}

    def number(self, name: str, most: int) -> int:
        """Return a number from 0 to `most`."""
        value = self._fields.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most:
            return value
        raise InvalidInput(f"its list of contents has no good {name}: {str(value)[:40]}")

    def mapping(self, name: str) -> Mapping[str, object]:
        """Return an object."""
        value = self._fields.get(name)
        if isinstance(value, dict):
            return value
        raise InvalidInput(f"its list of contents has no good {name}")

    def list(self, name: str) -> Sequence[object]:
        """Return a list."""
        value = self._fields.get(name)
        if isinstance(value, list):
            return value
        raise InvalidInput(f"its list of contents has no good {name}")


def read_list(document: Fields, name: str, most: int) -> Sequence[object]:
    """Return a list of at most so many.

    Raises:
        InvalidInput: it is none, or longer.
    """
    found = document.list(name)
    if len(found) > most:
        raise InvalidInput(f"its list of contents has {len(found)} {name}; {most} are the most")
    return found


def _text(name: str, value: object) -> str:
    if isinstance(value, str) and len(value) <= _LONGEST and "\0" not in value:
        return value
    raise InvalidInput(f"its list of contents has no good {name[:80]}")
