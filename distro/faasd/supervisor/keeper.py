"""Keeps core services running with little memory: a supervisor runs only while there is work.

It starts the services in a process of its own, which ends once all is well. From then on they are
watched from here; whatever happens to them starts a supervisor again, which goes on where the one
before it left. Its death harms nothing but its own work, which the next one does.
"""

import logging
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from enum import Enum
from pathlib import Path

from faasd.supervisor.board import read_board
from faasd.supervisor.ends import End
from faasd.supervisor.pulse import Heard, Patience
from faasd.supervisor.watch import Watch

log = logging.getLogger(__name__)

END_SIGNALS = (signal.SIGTERM, signal.SIGINT)
LEAVE_SIGNAL = signal.SIGUSR1
"""Ends `faasd up` and leaves the services to the next one, which keeps those it wants as they are.

Who does not hear it yet is killed by it, which is the same to the services.
"""

_SIGNALS = (*END_SIGNALS, signal.SIGHUP)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0
_PATIENCE = Patience()

MakeCommand = Callable[[Sequence[str]], Sequence[str]]
"""Returns the command that runs a supervisor with more arguments."""

MakeWatch = Callable[[selectors.BaseSelector, float], Watch]


class Phase(Enum):
    """What a life of `faasd up` is at."""

    STARTING = "starting"
    RESTING = "resting"
    WORKING = "working"
    RELOADING = "reloading"
    WAITING = "waiting"
    ENDING = "ending"


class Keeper:
    """One life of `faasd up`, in turns: wait for `fileno` to be readable or `pause` s, `tend`.

    Attributes:
        status: with what to exit, once it is over; None before.
    """

    def __init__(
        self,
        make_command: MakeCommand,
        directory: Path,
        make_watch: MakeWatch,
        patience: Patience = _PATIENCE,
    ) -> None:
        """Take over SIGTERM, SIGINT, SIGHUP and SIGUSR1 of this process until `close`.

        Args:
            make_command: see above.
            directory: where supervisors write the board.
            make_watch: returns a watch over what the board says now.
            patience: with a supervisor that gives no sign of life.
        """
        self.status: int | None = None
        self._make_command = make_command
        self._make_watch = make_watch
        self._directory = directory
        self._child: subprocess.Popen[bytes] | None = None
        self._child_end: End | None = None
        self._heard: Heard | None = None
        self._patience = patience
        self._watch: Watch | None = None
        self._is_accepted = False
        self._is_ending = False
        self._reloads = False
        self._is_reloading = False
        self._removes = False
        self._unhealthy: frozenset[str] = frozenset()
        self._failures = 0
        self._retry_at = float("inf")
        with ExitStack() as undo:
            self._selector = undo.enter_context(selectors.DefaultSelector())
            self._signals = self._listen(undo)
            self._undo = undo.pop_all()

    def start(self) -> None:
        """Start the services."""
        self._run()

    def fileno(self) -> int:
        """Return a descriptor that is readable when there is something to `tend` to."""
        return self._selector.fileno()

    def pause(self) -> float:
        """Return how many seconds nothing is due."""
        due = [self._retry_at]
        due += [self._watch.next_due()] if self._watch else []
        due += [self._heard.due] if self._heard else []
        return max(0.0, min(due) - time.monotonic())

    @property
    def is_resting(self) -> bool:
        """Tell whether no supervisor runs, and the services are watched."""
        return self._watch is not None

    @property
    def phase(self) -> Phase:
        """What it is at; WAITING is for the next try, after a supervisor failed."""
        if self._is_ending or self.status is not None:
            return Phase.ENDING
        if not self._is_accepted:
            return Phase.STARTING
        if self._watch is not None:
            return Phase.RESTING
        if self._child is None:
            return Phase.WAITING
        return Phase.RELOADING if self._is_reloading else Phase.WORKING

    def tend(self) -> None:
        """Do what is due."""
        now = time.monotonic()
        self._take_signals()
        self._look_for_life(now)
        if self._child is not None and self._child.poll() is not None:
            self._note_end(self._child.returncode)
        if self._watch is not None:
            self._watch.tend(now)
            if self._watch.ended or self._watch.unhealthy:
                self._unhealthy = self._watch.unhealthy
                self._run()
        if now >= self._retry_at:
            self._run()

    def close(self) -> None:
        """Let go of everything; a supervisor that still runs is killed."""
        self._stop_watching()
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._forget_child()
        self._undo.close()

    def _look_for_life(self, now: float) -> None:
        """End a supervisor that hangs. One that removes all has the service manager's time."""
        if self._heard is None or self._child is None or not self._heard.is_hung(now):
            return
        if not self._is_ending:
            log.error("the supervisor hangs: it has given no sign of life for too long")
            self._child.kill()

    def _take_signals(self) -> None:
        try:
            numbers = os.read(self._signals, 64)
        except BlockingIOError:
            return
        if signal.SIGHUP in numbers:
            self._reload()
        if any(number in numbers for number in END_SIGNALS):
            self._end()
        elif LEAVE_SIGNAL in numbers and not self._is_ending:
            self.status = 0

    def _reload(self) -> None:
        """Tell the supervisor that runs; should it be about to end, the next one reads the file."""
        self._reloads = self._is_reloading = True
        if self._child is not None:
            self._child.send_signal(signal.SIGHUP)
        else:
            self._run()

    def _end(self) -> None:
        self._is_ending = True
        self._retry_at = float("inf")
        if self._child is not None:
            self._child.send_signal(signal.SIGTERM)
        else:
            self._run()

    def _run(self) -> None:
        """Run a supervisor; its signals are blocked until it is ready for them."""
        self._stop_watching()
        self._retry_at = float("inf")
        self._removes = self._is_ending
        command = self._make_command(self._arguments())
        self._reloads = False
        self._heard = Heard(self._selector, self._patience, time.monotonic())
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                pass_fds=(self._heard.theirs,),
                env=self._heard.environment(os.environ),
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            self._heard.let_go()
        self._child_end = End(self._selector, self._child.pid)

    def _arguments(self) -> Sequence[str]:
        if self._is_ending:
            return ("--remove",)
        if not self._is_accepted:
            return ()
        ill = [word for name in sorted(self._unhealthy) for word in ("--unhealthy", name)]
        return ("--resume", *(("--reload",) if self._reloads else ()), *ill)

    def _note_end(self, status: int) -> None:
        self._forget_child()
        if self._is_ending:
            self._note_removal(status)
        elif status == 0:
            self._rest()
        elif self._is_accepted:
            self._try_later(status)
        else:
            self.status = 1
            if status < 0:
                log.error("the supervisor was ended by signal %d", -status)

    def _note_removal(self, status: int) -> None:
        """It may have been at its end when it was told to remove all: then another does."""
        if not self._removes and read_board(self._directory):
            self._run()
        else:
            self.status = 1 if status else 0

    def _rest(self) -> None:
        self._is_accepted = True
        self._failures = 0
        self._unhealthy = frozenset()
        if self._reloads:
            self._run()
        else:
            self._is_reloading = False
            self._watch = self._make_watch(self._selector, time.monotonic())

    def _try_later(self, status: int) -> None:
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0**self._failures)
        self._failures = min(self._failures + 1, 30)
        self._retry_at = time.monotonic() + pause
        log.error("the supervisor ended with %d; another in %g s", status, pause)

    def _stop_watching(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    def _forget_child(self) -> None:
        self._child = None
        if self._child_end is not None:
            self._child_end.close()
            self._child_end = None
        if self._heard is not None:
            self._heard.close()
            self._heard = None

    def _listen(self, undo: ExitStack) -> int:
        """Return a descriptor from which the numbers of signals are read."""
        heard, wakeup = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        undo.callback(os.close, heard)
        undo.callback(os.close, wakeup)
        for number in (*_SIGNALS, LEAVE_SIGNAL):
            undo.callback(signal.signal, number, signal.signal(number, _noted))
        before = signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        undo.callback(signal.set_wakeup_fd, before)
        self._selector.register(heard, selectors.EVENT_READ)
        return heard


def _noted(_number: int, _frame: object) -> None:
    """Python writes the signal's number to the wakeup descriptor; that is enough."""
