"""Steps of a build: each says what it does, how long that took, and ends within its time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from faasd.base.errors import TimedOut, Unavailable

Words = Sequence[str | Path]
"""A program and its arguments."""

_TAIL = 30
_GRACE = 10.0


def say(line: str) -> None:
    """Tell the person who waits."""
    sys.stdout.write(f"pi: {line}\n")
    sys.stdout.flush()


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what begins, and how long it took when it is done."""
    say(title)
    began = time.monotonic()
    yield
    say(f"    {time.monotonic() - began:.0f} s")


def run(
    command: Words,
    limit: float,
    *,
    log: Path,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a program whose output goes to `log`.

    Args:
        command: the program and its arguments.
        limit: seconds after which it is ended, with all that it started.
        log: a file; what was in it stays.
        stdin: what the program reads.
        env: variables beside those of this process.

    Raises:
        TimedOut: it took longer.
        Unavailable: it is missing, or failed; the end of its output is in the sentence.
    """
    words = [str(word) for word in command]
    with log.open("ab") as output:
        try:
            process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=dict(os.environ) | dict(env or {}),
            )
        except FileNotFoundError:
            raise Unavailable(f"{words[0]} is not installed") from None
    try:
        process.communicate(stdin, timeout=limit)
    except subprocess.TimeoutExpired:
        raise TimedOut(
            f"`{' '.join(words)[:200]}` took longer than {limit:.0f} s and was ended; "
            f"raise it with --patience, or see {log}"
        ) from None
    finally:
        _end(process)
    if process.returncode:
        said = "\n".join(log.read_text(errors="replace").splitlines()[-_TAIL:])
        raise Unavailable(f"{said}\n`{' '.join(words)[:200]}` failed; all it said is in {log}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End what still runs of its session: first politely, for programs that unmount."""
    if process.poll() is not None:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        os.killpg(process.pid, number)
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            continue
        return
