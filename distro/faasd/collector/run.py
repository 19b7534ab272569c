"""The loop."""

import logging
import selectors
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import socketpair

from faasd.collector.pipe import Pipe, parse_origin
from faasd.collector.sinks import Rotation, Sink, choose_sink
from faasd.collector.watch import DirectoryWatch

RESCAN = 5.0
"""Seconds after which the directory is looked at, even if nothing was heard of it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorSettings:
    """Where the FIFOs are, and where lines go without a journal."""

    run_dir: str = "/run/faasd"
    log_dir: str = "/var/log/faasd"
    rotation: Rotation = field(default_factory=Rotation)


def run(settings: CollectorSettings) -> None:
    """Collect until SIGTERM or SIGINT, then read what is left and return."""
    directory = Path(settings.run_dir, "logs")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(choose_sink(Path(settings.log_dir), settings.rotation)) as sink:
        Collector(directory, sink).run()


class Collector:
    """Reads every FIFO of a directory."""

    def __init__(self, directory: Path, sink: Sink) -> None:
        self._directory = directory
        self._sink = sink
        self._pipes: dict[str, Pipe] = {}
        self._selector = selectors.DefaultSelector()
        self._dropped = 0
        self._stopped = False

    def run(self) -> None:
        """Collect until a signal."""
        with self._wakened_by_signals(), closing(DirectoryWatch(self._directory)) as watch:
            self._selector.register(watch, selectors.EVENT_READ, watch)
            self._look()
            while not self._stopped:
                self._turn(watch)
            for name in list(self._pipes):
                self._end(name)
        self._selector.close()

    def _turn(self, watch: DirectoryWatch) -> None:
        ready = [key.data for key, _ in self._selector.select(RESCAN)]
        for pipe in ready:
            if isinstance(pipe, Pipe):
                self._write(pipe, pipe.read())
        if watch in ready or not ready:
            watch.clear()
            self._look()

    def _look(self) -> None:
        """Open FIFOs that are new, drain those that are gone."""
        names = {path.name for path in self._directory.iterdir()}
        for name in self._pipes.keys() - names:
            self._end(name)
        for name in names - self._pipes.keys():
            self._begin(name)

    def _begin(self, name: str) -> None:
        origin = parse_origin(name)
        path = self._directory / name
        try:
            if origin is None or not path.is_fifo():
                return
            pipe = Pipe(path, origin)
        except OSError as error:
            log.warning("cannot read %s: %s", path, error)
            return
        self._pipes[name] = pipe
        self._selector.register(pipe, selectors.EVENT_READ, pipe)

    def _end(self, name: str) -> None:
        pipe = self._pipes.pop(name)
        self._selector.unregister(pipe)
        self._write(pipe, pipe.drain())

    def _write(self, pipe: Pipe, lines: Iterator[str]) -> None:
        for line in lines:
            try:
                self._sink.write(pipe.origin, line)
            except OSError as error:
                self._drop(error)
                continue
            if self._dropped:
                log.warning("logs are kept again; %s lines were lost", self._dropped)
                self._dropped = 0

    def _drop(self, error: OSError) -> None:
        """A full disk must not stop functions: their lines are counted, and that is said once."""
        if not self._dropped:
            log.error("cannot keep logs, lines are lost: %s", error)
        self._dropped += 1

    @contextmanager
    def _wakened_by_signals(self) -> Iterator[None]:
        """Let SIGTERM and SIGINT end the loop, whatever it waits for."""
        ours, kernels = socketpair()
        with ours, kernels:
            kernels.settimeout(0)
            self._selector.register(ours, selectors.EVENT_READ, None)
            before = signal.set_wakeup_fd(kernels.fileno())
            handlers = {s: signal.signal(s, self._stop) for s in (signal.SIGTERM, signal.SIGINT)}
            try:
                yield
            finally:
                signal.set_wakeup_fd(before)
                for number, handler in handlers.items():
                    signal.signal(number, handler)
                self._selector.unregister(ours)

    def _stop(self, *_: object) -> None:
        self._stopped = True
