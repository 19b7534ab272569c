"""Two connections made one: what comes in at either goes out at the other, and nothing is kept.

No more is read than the other side takes. The end of one direction is passed on as such, and
the other goes on: a function may answer and close before the request's body is over, and either
side of an upgraded connection may end its sending alone.
"""

import asyncio
import contextlib
import math
import socket
import struct

PIECE = 64 << 10
FAREWELL = 2.0
"""Seconds that a caller gets to read an answer while it still sends what nobody wants."""

_RESET = struct.pack("ii", 1, 0)
_NOTE_EVERY = 1.0


class Splice:
    """One conversation between a caller and a replica; both sockets must not block.

    Args:
        caller: the connection that the request came in at.
        replica: the connection to the function.
        idle: seconds of silence after which it is over.
        linger: the same, once one side has ended its part.
    """

    def __init__(
        self, caller: socket.socket, replica: socket.socket, *, idle: float, linger: float
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._caller = caller
        self._replica = replica
        self._idle = idle
        self._linger = linger
        self._timeout = asyncio.timeout(idle)
        self._noted = self._loop.time()
        self._taken = True
        self._answered = False

    async def run(self, first: bytes) -> None:
        """Send the replica `first`, then pass on all there is until both sides have ended."""
        tasks: list[asyncio.Task[None]] = []
        try:
            async with self._timeout:
                tasks = [asyncio.create_task(work) for work in (self._ask(first), self._answer())]
                await self._converse(*tasks)
        except OSError:  # one side is gone, or silent: the other shall not take that for an end
            reset(self._replica)
            if not self._answered:
                reset(self._caller)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _converse(self, asking: asyncio.Task[None], answering: asyncio.Task[None]) -> None:
        await asyncio.wait((asking, answering), return_when=asyncio.FIRST_EXCEPTION)
        for task in (asking, answering):
            if task.done():
                task.result()

    async def _ask(self, first: bytes) -> None:
        """Pass the request on; what the replica does not take any more is thrown away."""
        piece = first
        while piece:
            if self._taken and not await self._send(piece):
                self._taken = False
                self._wind_up()
            piece = await self._receive(self._caller)
        if self._taken:
            self._end(self._replica)

    async def _send(self, piece: bytes) -> bool:
        try:
            await self._loop.sock_sendall(self._replica, piece)
        except OSError:  # it has closed; what it had answered is still to be read
            return False
        return True

    async def _answer(self) -> None:
        while piece := await self._receive_answer():
            await self._loop.sock_sendall(self._caller, piece)
        self._answered = True
        self._end(self._caller)
        self._wind_up()

    def _wind_up(self) -> None:
        """Nothing is left to do when the replica has answered and takes no more."""
        if self._answered and not self._taken:
            self._noted = math.inf
            self._timeout.reschedule(self._loop.time() + FAREWELL)

    async def _receive_answer(self) -> bytes:
        try:
            return await self._receive(self._replica)
        except OSError:
            if self._taken:
                raise
            return b""

    async def _receive(self, connection: socket.socket) -> bytes:
        piece = await self._loop.sock_recv(connection, PIECE)
        now = self._loop.time()
        if now - self._noted > _NOTE_EVERY:
            self._noted = now
            self._timeout.reschedule(now + self._idle)
        return piece

    def _end(self, connection: socket.socket) -> None:
        """Tell one side that nothing more comes."""
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        self._idle = self._linger
        self._timeout.reschedule(self._loop.time() + self._idle)


def reset(connection: socket.socket) -> None:
    """Let the end of a connection be seen as broken off, not as an end of what was said."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


async def say_farewell(connection: socket.socket, answer: bytes) -> None:
    """Send a last answer; read on for a moment, for a close with bytes unread would destroy it."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(FAREWELL):
            await loop.sock_sendall(connection, answer)
            connection.shutdown(socket.SHUT_WR)
            while await loop.sock_recv(connection, PIECE):
                pass
