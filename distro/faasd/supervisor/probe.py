"""A service's health checks, run by runc, each in its time."""

import selectors
import signal
import subprocess
from collections.abc import Sequence

from faasd.supervisor.board import Notice
from faasd.supervisor.ends import End

PATIENCE = 1.0
"""Seconds from SIGTERM, which runc passes on into the container, to SIGKILL."""


class Probe:
    """The checks of one service; at most one is under way."""

    def __init__(
        self,
        selector: selectors.BaseSelector,
        notice: Notice,
        exec_command: Sequence[str],
        now: float,
    ) -> None:
        """Have the first check an interval from now; `exec_command` runs it in the container."""
        self._selector = selector
        self._notice = notice
        self._command = [*exec_command, notice.name, *notice.check]
        self._process: subprocess.Popen[bytes] | None = None
        self._end: End | None = None
        self._was_told = False
        self._failures = 0
        self.due = now + notice.interval
        """When there is something to do, in seconds of the monotonic clock."""

    def is_unhealthy(self, now: float) -> bool:
        """Do what is due; tell whether too many checks in a row have failed by now."""
        if self._process is None:
            if now >= self.due:
                self._begin(now)
        elif self._process.poll() is not None:
            self._note(self._process.returncode, now)
        elif now >= self.due:
            self._process.send_signal(signal.SIGKILL if self._was_told else signal.SIGTERM)
            self._was_told = True
            self.due = now + PATIENCE
        return self._failures >= self._notice.retries

    def close(self) -> None:
        """Check no more; a check under way is killed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._end is not None:
            self._end.close()
            self._end = None

    def _begin(self, now: float) -> None:
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError:  # No memory, no runc.
            self._note(1, now)
            return
        self._end = End(self._selector, self._process.pid)
        self._was_told = False
        self.due = now + self._notice.timeout

    def _note(self, status: int, now: float) -> None:
        self._failures = self._failures + 1 if status else 0
        self.due = now + self._notice.interval
        self._process = None
        if self._end is not None:
            self._end.close()
            self._end = None
