"""What `faasd cloud doctor` finds: values and words."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: a word or two.
        state: how it is.
        advice: what to do about it; empty when it is fine.
    """

    what: str
    state: str
    advice: str = ""


def find_problem(findings: Sequence[Finding]) -> Finding | None:
    """Return the first that needs something done."""
    return next((one for one in findings if one.advice), None)
