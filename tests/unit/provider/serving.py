"""A program of a test's own, in a container that listens to nothing itself."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from tests.unit.provider.running import RunningProvider, eventually

Conversation = Callable[[socket.socket, bytes], None]
"""Is given a connection and the head of the request on it; the connection is then closed."""

READY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
PORT = 8080


@contextmanager
def serving(provider: RunningProvider, talk: Conversation, name: str = "echo") -> Iterator[None]:
    """Deploy a function that answers probes, and everything else as `talk` does."""
    provider.deploy(name, "silent")
    with listening(provider.address(name), talk):
        assert eventually(lambda: provider.state(name) == "ready"), provider.status(name)
        yield


@contextmanager
def listening(address: str, talk: Conversation) -> Iterator[None]:
    """Answer on a replica's address."""
    with closing(socket.create_server((address, PORT))) as listener:
        threads: list[threading.Thread] = []
        accepting = threading.Thread(target=_accept, args=(listener, talk, threads))
        accepting.start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


def _accept(listener: socket.socket, talk: Conversation, threads: list[threading.Thread]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threads.append(threading.Thread(target=_converse, args=(connection, talk)))
        threads[-1].start()


def _converse(connection: socket.socket, talk: Conversation) -> None:
    with closing(connection):
        connection.settimeout(5)
        head = read_head(connection)
        if b" /_/health " in head:
            connection.sendall(READY)
        elif head:
            talk(connection, head)


def read_head(connection: socket.socket) -> bytes:
    """Read up to the empty line, and not a byte of the body; empty where nothing comes."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        try:
            piece = connection.recv(1)
        except OSError:
            return b""
        if not piece:
            return b""
        head += piece
    return head


def read_exactly(connection: socket.socket, size: int) -> bytes:
    """Read so many bytes, or what comes until the end."""
    found = b""
    while len(found) < size and (piece := connection.recv(size - len(found))):
        found += piece
    return found


def say(answer: bytes, connection: socket.socket, _head: bytes) -> None:
    """Answer so, whatever is asked."""
    connection.sendall(answer)


def arriving(*pieces: bytes) -> dict[str, object]:
    """Return a WSGI environment whose body comes in pieces, of a length nobody knows."""
    return {"wsgi.input": _Stream(*pieces), "wsgi.input_terminated": True}


class _Stream:
    """A body of unknown length, as gunicorn hands it out."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces: Iterator[bytes] = iter(pieces)

    def read(self, _size: int = -1) -> bytes:
        return next(self._pieces, b"")

    def close(self) -> None:
        """Nothing is kept."""
