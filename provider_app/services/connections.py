"""Connections to replicas, kept for the next request."""

import http.client
import select
import socket
from threading import Lock

MAX_IDLE = 16
"""Connections kept to one replica."""

MAX_ADDRESSES = 32
"""Replicas to which connections are kept. Nobody tells of those that are gone: the ones that were
used least lately make room."""

CONNECT_TIMEOUT = 2.0


class Connections:
    """A pool of HTTP/1.1 connections by address. Thread-safe."""

    def __init__(self, port: int, timeout: float) -> None:
        self._port = port
        self._timeout = timeout
        self._lock = Lock()
        self._closed = False
        self._idle: dict[str, list[http.client.HTTPConnection]] = {}

    def take(self, address: str) -> http.client.HTTPConnection:
        """Return a connection that is open, a kept one where there is any.

        Raises:
            OSError: the replica does not accept one.
        """
        while kept := self._take_kept(address):
            if _is_open(kept):
                return kept
            kept.close()
        return self.open(address)

    def open(self, address: str) -> http.client.HTTPConnection:
        """Return a new connection.

        Raises:
            OSError: the replica does not accept one.
        """
        made = http.client.HTTPConnection(address, self._port, timeout=CONNECT_TIMEOUT)
        made.connect()
        made.sock.settimeout(self._timeout)
        made.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def give_back(self, address: str, connection: http.client.HTTPConnection) -> None:
        """Keep a connection whose answer was read to its end."""
        with self._lock:
            idle = self._idle.pop(address, [])
            self._idle[address] = idle  # At the end: the one used last.
            surplus = [] if len(self._idle) <= MAX_ADDRESSES else self._pop(next(iter(self._idle)))
            if len(idle) < MAX_IDLE and not self._closed:
                idle.append(connection)
            else:
                surplus.append(connection)
        for each in surplus:
            each.close()

    def forget(self, address: str) -> None:
        """Close what is kept to a replica that is gone."""
        with self._lock:
            idle = self._pop(address)
        for connection in idle:
            connection.close()

    def close(self) -> None:
        """Close everything that is kept, and keep nothing any more."""
        with self._lock:
            self._closed = True
        for address in list(self._idle):
            self.forget(address)

    def _pop(self, address: str) -> list[http.client.HTTPConnection]:
        return self._idle.pop(address, [])

    def _take_kept(self, address: str) -> http.client.HTTPConnection | None:
        with self._lock:
            idle = self._idle.get(address)
            return idle.pop() if idle else None


def _is_open(connection: http.client.HTTPConnection) -> bool:
    """An idle connection with something to read was closed by the other side."""
    if connection.sock is None:
        return False
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return not poll.poll(0)
