"""FIFOs as shims hold them, and a sink that remembers."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from faasd.collector.source import Source


class Memory:
    """Keeps lines in the order they came."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self.closed = False

    def write(self, source: Source, lines: Sequence[str]) -> None:
        self.lines += [(f"{source.instance}:{source.stream}", line) for line in lines]

    def close(self) -> None:
        self.closed = True

    def of(self, instance: str, stream: str = "stdout") -> list[str]:
        return [line for who, line in self.lines if who == f"{instance}:{stream}"]


class Printer:
    """One stream of one container: makes its FIFO, holds it open as a shim does, prints."""

    def __init__(self, directory: Path, instance: str, stream: str = "stdout") -> None:
        directory.mkdir(exist_ok=True, parents=True)
        name, _, _ = instance.partition(".")
        self.path = directory / f"openfaas-fn:{name}:{instance}:{stream}"
        with suppress(FileExistsError):
            os.mkfifo(self.path, 0o600)
        self.fd = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)

    def print(self, text: str | bytes) -> None:
        data = text.encode() if isinstance(text, str) else text
        assert os.write(self.fd, data) == len(data)

    def fill(self, block: bytes) -> int:
        """Print until the FIFO is full; return how many blocks fitted in."""
        count = 0
        with suppress(BlockingIOError):
            while os.write(self.fd, block) == len(block):
                count += 1
        return count

    def leave(self) -> None:
        """The shim goes; the FIFO stays."""
        os.close(self.fd)

    def remove(self) -> None:
        """The container is deleted."""
        self.leave()
        self.path.unlink()
