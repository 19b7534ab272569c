"""How long things took, for one table at the end."""

from collections.abc import Sequence

_WIDTH = 80
"""Of a description; the same in all runs, so that their lines are one table."""


class Times:
    """Notes, in the order they are made."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str]] = []

    def note(self, what: str, seconds: float) -> None:
        """Remember that `what` took so long."""
        self._rows.append((what, f"{seconds:.1f} s"))

    def say(self, what: str, text: str) -> None:
        """Remember a number that is no time."""
        self._rows.append((what, text))

    def table(self) -> Sequence[str]:
        """Return the lines of the table; none where nothing was noted."""
        return [f"{what.ljust(_WIDTH)}  {said.rjust(9)}" for what, said in self._rows]


TIMES = Times()
"""Of this run of the tests."""
