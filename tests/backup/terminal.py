"""A person at a terminal, who answers what a command asks."""

import os
import pty
import select
import time
from collections.abc import Sequence
from pathlib import Path


def answer_at_terminal(
    command: Sequence[str], directory: Path, answers: Sequence[str], seconds: float = 60
) -> tuple[int, str]:
    """Run a command on a terminal of its own; give each answer when it is asked for.

    Return its status, and what was on the screen.
    """
    child, screen = pty.fork()
    if child == 0:
        os.chdir(directory)
        os.execvp(command[0], list(command))
    left, seen, end = list(answers), b"", time.monotonic() + seconds
    while time.monotonic() < end:
        if select.select([screen], [], [], 1)[0]:
            try:
                seen += os.read(screen, 4096)
            except OSError:
                break  # It ended, and the terminal with it.
        if left and seen.endswith(b": "):  # The space comes when nothing is shown any more.
            os.write(screen, left.pop(0).encode() + b"\n")
            seen += b"\n"
    os.close(screen)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), seen.decode(errors="replace")
