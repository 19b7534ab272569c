"""``${VARIABLE}`` in the values of a compose file.

Format: https://docs.docker.com/reference/compose-file/interpolation/. A default may itself hold
variables. An unset variable without a default is empty.
"""

import re
from collections.abc import Mapping

from faasd.supervisor.compose.where import Where

_PIECE = re.compile(r"\$(?:(\$)|([A-Za-z_]\w*)|(\{))", re.ASCII)
_NAME = re.compile(r"([A-Za-z_]\w*)(:?[-+?])?", re.ASCII)
_MOST_NESTED = 10


def interpolate(text: str, variables: Mapping[str, str], where: Where, depth: int = 0) -> str:
    """Return `text` with each variable replaced by its value; ``$$`` is a ``$``.

    Raises:
        InvalidInput: a ``${`` is malformed, or a required variable (``${NAME:?why}``) is missing.
    """
    parts, at = [], 0
    while (found := text.find("$", at)) >= 0:
        parts.append(text[at:found])
        piece = _PIECE.match(text, found)
        if piece is None or depth > _MOST_NESTED:
            raise where.wrong(f"{text!r} has a '$' that begins no variable: write '$$' for a '$'")
        at = piece.end()
        if piece[3]:
            end = _closing_brace(text, at, where)
            parts.append(_expand(text[at:end], variables, where, depth))
            at = end + 1
        else:
            parts.append("$" if piece[1] else variables.get(piece[2], ""))
    return "".join(parts) + text[at:]


def _expand(inside: str, variables: Mapping[str, str], where: Where, depth: int) -> str:
    """Return what ``${inside}`` stands for."""
    match = _NAME.match(inside)
    if match is None or (match[2] is None and match.end() != len(inside)):
        raise where.wrong(f"has '${{{inside}}}', which is no variable: write ${{NAME:-default}}")
    name, operator, argument = match[1], match[2] or "-", inside[match.end() :]
    value = variables.get(name)
    missing = value is None or (operator[0] == ":" and not value)
    if operator[-1] == "+":
        return "" if missing else interpolate(argument, variables, where, depth + 1)
    if value is not None and not missing:
        return value
    argument = interpolate(argument, variables, where, depth + 1)
    if operator[-1] == "?":
        raise where.wrong(f"needs the variable {name}: {argument or 'it is not set'}")
    return argument


def _closing_brace(text: str, start: int, where: Where) -> int:
    depth = 1
    for at in range(start, len(text)):
        if text[at] == "{" and text[at - 1] == "$":
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if depth == 0:
                return at
    raise where.wrong(f"{text!r} has a '${{' that is not closed by '}}'")
