"""Other people's programs, run to their end."""

import subprocess

from faasd.base.errors import TimedOut, Unavailable

_TAIL = 400


def run_program(*command: str, timeout: float = 90.0) -> str:
    """Run a program and return what it printed.

    Raises:
        Unavailable: there is no such program, or it failed; the sentence has the end of what it
            printed.
        TimedOut: it took longer than `timeout` seconds, and was ended.
    """
    said = " ".join(command)
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout, check=False
        )
    except FileNotFoundError:
        raise Unavailable(f"{command[0]} is not installed, and `{said}` needs it") from None
    except subprocess.TimeoutExpired:
        raise TimedOut(f"`{said}` took longer than {timeout:.0f} s") from None
    if result.returncode:
        output = (result.stderr or result.stdout).strip()[-_TAIL:]
        raise Unavailable(f"`{said}` failed with status {result.returncode}: {output}")
    return result.stdout


def try_program(*command: str, timeout: float = 90.0) -> bool:
    """Run a program; tell whether it is there and succeeded."""
    try:
        run_program(*command, timeout=timeout)
    except (Unavailable, TimedOut):
        return False
    return True
