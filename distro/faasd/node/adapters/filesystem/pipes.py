"""Port `LogPipes`: FIFOs in one flat directory, named ``NAMESPACE:NAME:CONTAINER:STREAM``."""

import os
import select
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from faasd.base.errors import NoRoom, Unavailable

SEPARATOR = ":"
"""No name contains it."""

STREAMS = ("stdout", "stderr")


class FifoLogPipes:
    """FIFOs that the collector reads and the shims write."""

    def __init__(self, run_dir: str) -> None:
        self._directory = Path(run_dir, "logs")

    def prepare(self, namespace: str, name: str, container: str) -> tuple[str, str]:
        """Make the two FIFOs unless they are there."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        stdout, stderr = (self._path(namespace, name, container, stream) for stream in STREAMS)
        for path in (stdout, stderr):
            try:
                os.mkfifo(path, 0o600)
            except FileExistsError:
                continue
            except OSError as error:
                raise _failed(error) from error
        return str(stdout), str(stderr)

    @contextmanager
    def held_open(self, paths: tuple[str, str]) -> Iterator[None]:
        """Hold them open for reading and writing, which waits for nobody."""
        held: list[int] = []
        try:
            held.extend(os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC) for path in paths)
            yield
        finally:
            for entry in held:
                os.close(entry)

    def print_line(self, namespace: str, name: str, container: str, text: str) -> None:
        """Write to the second FIFO, at once or not at all: it may be full, or have no reader."""
        path = self._path(namespace, name, container, STREAMS[1])
        line = text.replace("\n", " ").encode()[: select.PIPE_BUF - 1] + b"\n"
        try:
            pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return
        with suppress(OSError):
            os.write(pipe, line)
        os.close(pipe)

    def remove(self, namespace: str, name: str, container: str) -> None:
        """Remove the two FIFOs."""
        for stream in STREAMS:
            self._path(namespace, name, container, stream).unlink(missing_ok=True)

    def list(self) -> Sequence[tuple[str, str, str]]:
        """Return whose FIFOs there are."""
        if not self._directory.is_dir():
            return []
        names = [path.name.split(SEPARATOR) for path in self._directory.iterdir()]
        return sorted({(parts[0], parts[1], parts[2]) for parts in names if len(parts) == 4})  # noqa: PLR2004

    def _path(self, namespace: str, name: str, container: str, stream: str) -> Path:
        return self._directory / SEPARATOR.join((namespace, name, container, stream))


def _failed(error: OSError) -> NoRoom | Unavailable:
    kind = NoRoom if "space" in str(error) else Unavailable
    return kind(f"cannot make a log pipe: {error}")
