"""The collector as a process of its own."""

import fcntl
import logging
import os
import resource
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TextIO

from faasd.collector.collector import Collector
from faasd.collector.files import FileSink
from faasd.collector.journal import JournalSink
from faasd.collector.losses import Losses
from faasd.collector.settings import CollectorSettings
from faasd.collector.sink import Sink

log = logging.getLogger(__name__)

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def command(settings: CollectorSettings) -> list[str]:
    """Return the command that collects in a process of nothing else: some 14 MB of memory."""
    return [
        sys.executable,
        "-P",  # a directory `faasd` below the working directory is not ours
        "-m",
        "faasd.collector",
        settings.run_dir,
        settings.log_dir,
    ]


def run(settings: CollectorSettings) -> None:
    """Collect until SIGTERM or SIGINT, in the main thread; then take what is there and return.

    Where another process collects, wait to take over from it: two readers of one FIFO would tear
    its lines apart.
    """
    _allow_many_files()
    with _stop_signals() as stopped, _alone(settings), _collecting(settings) as collector:
        collector.wake_on(stopped)
        while not _has_something(stopped):
            collector.turn()


@contextmanager
def collecting_alone(settings: CollectorSettings) -> Iterator[Collector | None]:
    """Give the collector to a loop of somebody else's; None where another process collects.

    When the loop is done, what is there is taken.
    """
    _allow_many_files()
    with _lock_file(settings) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        with _collecting(settings) as collector:
            yield collector


@contextmanager
def _collecting(settings: CollectorSettings) -> Iterator[Collector]:
    losses = Losses()
    with (
        closing(_open_sink(settings, losses)) as sink,
        closing(Collector(settings.pipes_dir, sink)) as collector,
    ):
        yield collector
        collector.drain()
    if losses.total:
        log.error("lost %d lines that functions printed", losses.total)


def _open_sink(settings: CollectorSettings, losses: Losses) -> Sink:
    if not Path(settings.journal_socket).exists():
        log.info("writing what functions print to %s", settings.log_dir)
        return FileSink(settings, losses)
    log.info("writing what functions print to the journal")
    return JournalSink(settings.journal_socket, losses)


def _lock_file(settings: CollectorSettings) -> TextIO:
    directory = Path(settings.run_dir)
    directory.mkdir(parents=True, exist_ok=True)
    return (directory / "collector.lock").open("w")


@contextmanager
def _alone(settings: CollectorSettings) -> Iterator[None]:
    with _lock_file(settings) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.info("another process collects the logs; waiting to take over from it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _stop_signals() -> Iterator[int]:
    """Give a descriptor that has something to read once a signal said to stop."""
    heard, wakeup = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    previous = {number: signal.signal(number, _noted) for number in _STOP_SIGNALS}
    before = signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
    try:
        yield heard
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in previous.items():
            signal.signal(number, handler)
        os.close(heard)
        os.close(wakeup)


def _noted(_number: int, _frame: object) -> None:
    """Python writes the signal's number to the wakeup descriptor; that is enough."""


def _has_something(fd: int) -> bool:
    return bool(select.select([fd], [], [], 0)[0])


def _allow_many_files() -> None:
    """Two FIFOs a container: the usual 1024 open files would be 500 containers."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
