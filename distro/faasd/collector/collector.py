"""The loop: FIFOs come and go, lines go to the sink."""

import errno
import logging
import os
import selectors
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from faasd.collector.pipe import Pipe
from faasd.collector.sink import Sink
from faasd.collector.source import Source
from faasd.collector.watch import DirectoryWatch

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds after which it looks into the directory, even if nothing was said to have changed."""


class Collector:
    """Reads all FIFOs of one directory, in turns, in the caller's thread."""

    def __init__(self, directory: Path, sink: Sink) -> None:
        self._directory = directory
        self._sink = sink
        self._pipes: dict[str, Pipe] = {}
        self._refused: dict[str, int] = {}
        self._next_look = 0.0
        with ExitStack() as undo:
            self._selector = undo.enter_context(selectors.DefaultSelector())
            self._watch = DirectoryWatch(directory)
            undo.callback(self._watch.close)
            self._selector.register(self._watch, selectors.EVENT_READ, self._clear_watch)
            self._undo = undo.pop_all()

    def wake_on(self, fd: int) -> None:
        """End a turn early when there is something to read from `fd`, which is not read."""
        self._selector.register(fd, selectors.EVENT_READ, _nothing)

    def turn(self, longest: float = LOOK_EVERY) -> None:
        """Wait for output, at most `longest` seconds; take a chunk of each FIFO that has some."""
        wait = min(longest, max(0.0, self._next_look - time.monotonic()))
        for key, _ in self._selector.select(wait):
            act: Callable[[], None] = key.data
            act()
        if time.monotonic() >= self._next_look:
            self._look()

    def drain(self) -> None:
        """Take all that is in the FIFOs now, and lines that have not ended."""
        self._look()
        for pipe in self._pipes.values():
            self._drain(pipe)

    def close(self) -> None:
        """Let go of everything; what was not drained stays in FIFOs that shims hold open."""
        for pipe in self._pipes.values():
            pipe.close()
        self._pipes.clear()
        self._undo.close()

    def _clear_watch(self) -> None:
        self._watch.clear()
        self._next_look = 0.0

    def _look(self) -> None:
        """Open the FIFOs that are new; drain and close those that are gone."""
        self._next_look = time.monotonic() + LOOK_EVERY
        self._watch.renew()
        with os.scandir(self._directory) as entries:
            found = {entry.name: entry.inode() for entry in entries}
        for name in [name for name, pipe in self._pipes.items() if found.get(name) != pipe.inode]:
            self._let_go(name)
        for name in found.keys() - self._pipes.keys():
            self._take(name, found[name])
        self._refused = {name: found[name] for name in self._refused if name in found}

    def _take(self, name: str, inode: int) -> None:
        source = Source.find_in(name)
        if source is None:
            return
        try:
            pipe = Pipe(self._directory / name, source)
        except OSError as error:
            self._refuse(name, inode, error)
            return
        self._pipes[name] = pipe
        self._refused.pop(name, None)
        self._selector.register(pipe, selectors.EVENT_READ, lambda: self._read(pipe))

    def _refuse(self, name: str, inode: int, error: OSError) -> None:
        """Say once that a FIFO cannot be read; it is tried again at every look."""
        if error.errno != errno.ENOENT and self._refused.get(name) != inode:
            log.error("cannot read what %s prints: %s", name, error)
            self._refused[name] = inode

    def _let_go(self, name: str) -> None:
        pipe = self._pipes.pop(name)
        self._selector.unregister(pipe)
        self._drain(pipe)
        pipe.close()

    def _read(self, pipe: Pipe) -> None:
        if lines := pipe.read():
            self._sink.write(pipe.source, lines)

    def _drain(self, pipe: Pipe) -> None:
        for lines in pipe.drain():
            if lines:
                self._sink.write(pipe.source, lines)


def _nothing() -> None:
    """Wake up; that is all."""
