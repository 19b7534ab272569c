"""Signals to a supervisor: SIGTERM and SIGINT end it, SIGHUP reloads its file."""

import signal
from types import FrameType

from faasd.supervisor.supervisor import Supervisor


def run_until_signal(supervisor: Supervisor) -> None:
    """Run a supervisor in the main thread until a signal ends it; see `Supervisor.run`.

    Who started this process may have blocked the signals, so that none came before it was ready.
    """

    def on_end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        supervisor.stop()

    def on_reload(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        supervisor.reload()

    before = {
        signal.SIGTERM: signal.signal(signal.SIGTERM, on_end),
        signal.SIGINT: signal.signal(signal.SIGINT, on_end),
        signal.SIGHUP: signal.signal(signal.SIGHUP, on_reload),
    }
    mask = signal.pthread_sigmask(signal.SIG_UNBLOCK, before)
    try:
        supervisor.run()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in before.items():
            signal.signal(number, handler)
