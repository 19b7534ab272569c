"""``environment`` and the files of ``env_file``."""

import re
from collections.abc import Mapping

from faasd.supervisor.compose.kinds import as_mapping, as_texts
from faasd.supervisor.compose.tree import Tree
from faasd.supervisor.compose.where import Where

_NAME = re.compile(r"[^=\s\0]+")


def parse_environment(value: Tree, variables: Mapping[str, str], where: Where) -> dict[str, str]:
    """Return the variables, from ``{NAME: value}`` or ``[NAME=value]``.

    A name without a value takes it from `variables`, and is left out where it has none there.

    Raises:
        InvalidInput: a name is malformed or a value no text.
    """
    found: dict[str, str] = {}
    for name, text in _pairs(value, where):
        if not _NAME.fullmatch(name) or "\0" in (text or ""):
            raise where.wrong(f"{name!r} is no variable: write it like NAME=value")
        known = variables.get(name) if text is None else text
        if known is not None:
            found[name] = known
    return found


def _pairs(value: Tree, where: Where) -> list[tuple[str, str | None]]:
    if isinstance(value, list):
        parts = [text.partition("=") for text in as_texts(value, where)]
        return [(name, text if equals else None) for name, equals, text in parts]
    pairs: list[tuple[str, str | None]] = []
    for name, text in as_mapping(value, where).items():
        if isinstance(text, list | dict):
            raise where.at(name).wrong("must be text")
        pairs.append((name, text))
    return pairs


def parse_env_file(text: str, file: str) -> dict[str, str]:
    """Return the variables of an env file: ``NAME=value`` lines, ``#`` comments, quotes optional.

    Raises:
        InvalidInput: a line is malformed; the sentence names file and line, not the value.
    """
    found: dict[str, str] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip().removeprefix("export ").lstrip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not _NAME.fullmatch(name.rstrip()):
            raise Where(file=file, key=f"line {number}").wrong("is no NAME=value")
        found[name.rstrip()] = _unquoted(value.strip())
    return found


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value
