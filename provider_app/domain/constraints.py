"""Placement constraints: on one node they are true or false of it."""

import re
from collections.abc import Mapping, Sequence

from faasd.base.errors import InvalidInput, Unsatisfiable

_CONSTRAINT = re.compile(r"\s*([-A-Za-z0-9_./]+)\s*(==|=|!=)\s*([-A-Za-z0-9_./]+)\s*")


def check_constraints(constraints: Sequence[str], architecture: str) -> None:
    """Check constraints like ``kubernetes.io/arch=arm64`` or ``node.platform.os == linux``.

    Raises:
        InvalidInput: one is malformed.
        Unsatisfiable: one is not true of this node, or about something it does not know.
    """
    facts: Mapping[str, str] = {
        "kubernetes.io/arch": architecture,
        "kubernetes.io/os": "linux",
        "beta.kubernetes.io/arch": architecture,
        "beta.kubernetes.io/os": "linux",
        "node.platform.arch": architecture,
        "node.platform.os": "linux",
    }
    for text in constraints:
        match = _CONSTRAINT.fullmatch(text)
        if match is None:
            raise InvalidInput(
                f"constraints: {text[:80]!r} must be like kubernetes.io/arch=arm64",
                field="constraints",
            )
        name, operator, value = match.groups()
        if name not in facts or (facts[name] == value) == (operator == "!="):
            known = facts.get(name, "not known here")
            raise Unsatisfiable(
                f"constraints: {text[:80]!r} is not satisfied, {name} of this node is {known}",
                field="constraints",
            )
