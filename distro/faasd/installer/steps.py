"""Steps that say what they do. Each may be run again at any time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from faasd.base.errors import FaasdError

Say = Callable[[str], None]
"""Tells the person who waits what happened, one line at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to be done to the machine.

    Attributes:
        title: what it is about, e.g. ``directories``.
        run: does it, and returns what it did in a few words, e.g. ``2 made``.
    """

    title: str
    run: Callable[[], str]


def run_steps(steps: Sequence[Step], say: Say) -> None:
    """Run the steps in order, saying each when it is done.

    Raises:
        FaasdError: from the step that failed; the ones after it did not run.
    """
    for step in steps:
        say(f"{step.title}: {step.run()}")


def run_all_steps(steps: Sequence[Step], say: Say) -> None:
    """Run the steps in order, whatever becomes of each, saying it.

    Raises:
        FaasdError: some failed; it names them.
    """
    failed: list[str] = []
    for step in steps:
        try:
            say(f"{step.title}: {step.run()}")
        except (FaasdError, OSError) as error:
            say(f"{step.title}: FAILED: {error}")
            failed.append(step.title)
    if failed:
        raise FaasdError(f"{len(failed)} of {len(steps)} steps failed: {', '.join(failed)}")
