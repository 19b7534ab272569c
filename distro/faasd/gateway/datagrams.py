"""The sockets to which HAProxy says what it logs: it never waits for who listens."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from faasd.base.errors import Unavailable

MOST_BYTES = 2048
BATCH = 1000
"""Datagrams read before others get their turn: more than Linux lets wait."""


@contextlib.contextmanager
def listening(path: Path, take: Callable[[bytes], None]) -> Iterator[Callable[[], None]]:
    """Give each datagram that comes to `path` to `take`; yields what reads those that wait.

    The one of a gateway before this one is replaced; HAProxy finds the new one by its path.

    Raises:
        Unavailable: the directory is missing or not writable.
    """
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as receiver:
        try:
            path.unlink(missing_ok=True)
            receiver.bind(str(path))
            path.chmod(0o666)
        except OSError as error:
            raise Unavailable(f"cannot listen at {path}: {error.strerror}") from error

        def read() -> None:
            for _ in range(BATCH):
                try:
                    take(receiver.recv(MOST_BYTES))
                except OSError:
                    return

        loop.add_reader(receiver, read)
        try:
            yield read
        finally:
            loop.remove_reader(receiver)
            path.unlink(missing_ok=True)
