"""Connections to replicas, kept for the next request."""

import http.client
import select
import socket
from threading import Lock

MAX_IDLE = 16
"""Connections kept to one replica."""

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
            idle = self._idle.setdefault(address, [])
            if len(idle) < MAX_IDLE and not self._closed:
                idle.append(connection)
                return
        connection.close()

    def forget(self, address: str) -> None:
        """Close what is kept to a replica that is gone."""
        with self._lock:
            idle = self._idle.pop(address, [])
        for connection in idle:
            connection.close()

    def close(self) -> None:
        """Close everything that is kept, and keep nothing any more."""
        with self._lock:
            self._closed = True
        for address in list(self._idle):
            self.forget(address)

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
