"""Connections to replicas: to the one that has the fewest, else to another."""

import asyncio
import random
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from faasd.base.errors import Unavailable

AT_ONCE = 3
"""Replicas that are tried before the routes are asked again."""


class Leg:
    """A connection to a replica, counted until `close`."""

    def __init__(self, connection: socket.socket, closed: Callable[[], None]) -> None:
        self.connection = connection
        self._closed = closed

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()
        self._closed()


class ReplicaConnections:
    """Opens connections to replicas and counts them.

    Args:
        port: where functions listen.
        timeout: seconds for one replica to accept.
    """

    def __init__(self, port: int, timeout: float) -> None:
        self._port = port
        self._timeout = timeout
        self._open: Counter[str] = Counter()

    def count(self, address: str) -> int:
        """Return how many connections to a replica are open."""
        return self._open[address]

    async def connect(self, addresses: Sequence[str]) -> Leg:
        """Return a connection to one of the replicas.

        Raises:
            Unavailable: none of those that were tried accepts one.
        """
        order = random.sample(addresses, len(addresses))
        order.sort(key=lambda address: self._open[address])
        for address in order[:AT_ONCE]:
            self._open[address] += 1
            try:
                return Leg(await self._connect(address), partial(self._drop, address))
            except OSError:  # TimeoutError is one
                self._drop(address)
            except BaseException:
                self._drop(address)
                raise
        raise Unavailable("the function's replicas accept no connection, try again")

    async def _connect(self, address: str) -> socket.socket:
        connection = socket.socket()
        try:
            connection.setblocking(False)  # noqa: FBT003
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            async with asyncio.timeout(self._timeout):
                await asyncio.get_running_loop().sock_connect(connection, (address, self._port))
        except BaseException:
            connection.close()
            raise
        return connection

    def _drop(self, address: str) -> None:
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]
