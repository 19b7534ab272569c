"""Reading a value as the kind it must be: text, number, list, mapping, words of a command line."""

import shlex
from collections.abc import Collection

from faasd.supervisor.compose.tree import Tree
from faasd.supervisor.compose.where import Where


def as_text(value: Tree, where: Where) -> str:
    """Return a value that must be text, and not empty."""
    if not isinstance(value, str) or not value:
        raise where.wrong("must be text")
    return value


def as_number(value: Tree, where: Where) -> int:
    """Return a value that must be a whole number, not negative."""
    if not isinstance(value, str) or not (value.isascii() and value.isdecimal()):
        raise where.wrong(f"must be a whole number, not {value!r}")
    if len(value) > len(str(2**63)):
        raise where.wrong(f"is too large: {value[:20]}…")
    return int(value)


def as_flag(value: Tree, where: Where) -> bool:
    """Return a value that must be ``true`` or ``false``."""
    if value not in ("true", "false"):
        raise where.wrong(f"must be true or false, not {value!r}")
    return value == "true"


def as_list(value: Tree, where: Where) -> list[Tree]:
    """Return a value that must be a list."""
    if not isinstance(value, list):
        raise where.wrong("must be a list")
    return value


def as_texts(value: Tree, where: Where) -> tuple[str, ...]:
    """Return a value that must be a list of text; the items may be empty."""
    items = as_list(value, where)
    for number, item in enumerate(items):
        if not isinstance(item, str):
            raise where.item(number).wrong("must be text")
    return tuple(item for item in items if isinstance(item, str))


def as_mapping(value: Tree, where: Where, allowed: Collection[str] = ()) -> dict[str, Tree]:
    """Return a value that must be a mapping, with no other keys than `allowed` unless empty."""
    if not isinstance(value, dict):
        raise where.wrong("must be a mapping")
    for key in value:
        if allowed and key not in allowed:
            known = ", ".join(sorted(allowed))
            raise where.at(key).wrong(f"is not a known key; known here: {known}")
    return value


def as_command(value: Tree, where: Where) -> tuple[str, ...] | None:
    """Return a command line, given as a list or as one text split as a shell would; null is None.

    Raises:
        InvalidInput: a quote is not closed.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        return as_texts(value, where)
    try:
        return tuple(shlex.split(value))
    except ValueError as error:
        raise where.wrong(f"cannot be split into words: {error}") from error
