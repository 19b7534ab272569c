"""Where the router sends calls of functions without a live replica; docs/cold-starts.md.

A connection from HAProxy carries one request. Of that the head is read, the function woken and
waited for; then the connection is spliced to a replica, and bytes go both ways as they come.
"""

import asyncio
import contextlib
import logging
import resource
import socket
from functools import partial

from faasd.base.errors import FaasdError, InvalidInput, Unavailable
from faasd.gateway.activation import Activations, RouteView
from faasd.gateway.activator_answer import render_answer
from faasd.gateway.activator_head import END, Head, parse_head
from faasd.gateway.activator_leaving import Leaving
from faasd.gateway.activator_replicas import Leg, ReplicaConnections
from faasd.gateway.activator_settings import ActivatorSettings
from faasd.gateway.activator_waker import Waker
from faasd.gateway.route_feed import RouteEntry
from faasd.gateway.splice import Splice, say_farewell

BACKLOG = 4096
AT_ONCE = 64
"""Connections that are taken in one turn of the event loop."""
PIECE = 16 << 10
NO_ROOM_PAUSE = 0.1
"""Seconds until the next connection is taken, where the process has no descriptor left."""
PARTING = 0.5
"""Seconds for those who are broken off to take their answer."""

log = logging.getLogger(__name__)


class Activator:
    """Takes calls between `start` and `close`. Belongs to one event loop.

    Args:
        routes: the functions and their live replicas; somebody else runs it.
        waker: asks the provider to wake a function.
        settings: limits.
    """

    def __init__(
        self, routes: RouteView, waker: Waker, settings: ActivatorSettings | None = None
    ) -> None:
        self._settings = settings or ActivatorSettings()
        self._routes = routes
        self._activations = Activations(routes, waker, self._settings)
        self._replicas = ReplicaConnections(
            self._settings.replica_port, self._settings.connect_seconds
        )
        self._serving: set[asyncio.Task[None]] = set()
        self._leaving: Leaving
        self._listening: socket.socket | None = None

    @property
    def waiting(self) -> int:
        """How many callers wait for a function."""
        return self._activations.waiting

    @property
    def connections(self) -> int:
        """How many connections of callers are open, those that wait included."""
        return len(self._serving)

    @property
    def awakened(self) -> int:
        """How often the provider was asked to wake a function."""
        return self._activations.asked

    @property
    def port(self) -> int:
        """Where it listens, once it was started."""
        return 0 if self._listening is None else int(self._listening.getsockname()[1])

    async def start(self, host: str, port: int) -> None:
        """Listen; and let this process have all the descriptors that it may.

        Raises:
            Unavailable: the address cannot be had.
        """
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        try:
            self._listening = socket.create_server((host, port), backlog=BACKLOG)
        except OSError as error:
            raise Unavailable(f"the activator cannot listen on {host}:{port}: {error}") from error
        self._listening.setblocking(False)  # noqa: FBT003
        self._leaving = Leaving()
        asyncio.get_running_loop().add_reader(self._listening, self._accept)

    async def close(self) -> None:
        """Take no more calls; let those under way end within the grace, then break them off."""
        if self._listening is None:
            return
        asyncio.get_running_loop().remove_reader(self._listening)
        self._listening.close()
        self._listening = None
        if self._serving:
            await asyncio.wait(self._serving, timeout=self._settings.grace)
        await self._activations.close()
        if self._serving:
            await asyncio.wait(self._serving, timeout=PARTING)
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        self._leaving.close()

    def _accept(self) -> None:
        """Take the connections that wait, but let others have a turn as well."""
        if self._listening is None:
            return
        for _ in range(AT_ONCE):
            try:
                caller, _ = self._listening.accept()
            except BlockingIOError:
                return
            except OSError as error:
                self._pause(self._listening, error)
                return
            task = asyncio.create_task(self._serve(caller))
            self._serving.add(task)
            task.add_done_callback(partial(self._end, caller))

    def _pause(self, listening: socket.socket, error: OSError) -> None:
        """Take no connection for a moment: there is no descriptor left for it."""
        log.warning("a connection cannot be taken: %s", error)
        loop = asyncio.get_running_loop()
        loop.remove_reader(listening)
        loop.call_later(NO_ROOM_PAUSE, self._go_on)

    def _go_on(self) -> None:
        if self._listening is not None:
            asyncio.get_running_loop().add_reader(self._listening, self._accept)

    def _end(self, caller: socket.socket, task: asyncio.Task[None]) -> None:
        """Close a connection, even one that was broken off before its task began."""
        caller.close()
        self._serving.discard(task)

    async def _serve(self, caller: socket.socket) -> None:
        with contextlib.suppress(OSError):  # of the caller's: there is nobody to tell
            caller.setblocking(False)  # noqa: FBT003
            caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            method = b"GET"
            try:
                received = await self._receive(caller)
                if received is None:
                    return
                head, rest = received
                method = head.method
                leg = await self._reach(head.key, caller)
            except FaasdError as error:
                await say_farewell(caller, render_answer(error, method))
                return
            with contextlib.closing(leg):
                await self._splice(caller, leg, head.passed + rest)

    async def _receive(self, caller: socket.socket) -> tuple[Head, bytes] | None:
        """Read a head, and what came with it; None when the caller says nothing.

        Raises:
            InvalidInput: it is malformed, too long or too slow.
        """
        most = self._settings
        try:
            async with asyncio.timeout(most.head_seconds):
                return await _read_head(caller, most.head_bytes)
        except TimeoutError:
            raise InvalidInput(f"the headers did not come within {most.head_seconds:g} s") from None

    async def _reach(self, key: str, caller: socket.socket) -> Leg:
        """Return a connection to a replica, as soon as there is one.

        Raises:
            FaasdError: there will be none; see `Activations.wait`.
        """
        until = asyncio.get_running_loop().time() + self._settings.wait_seconds
        entry, doubted = self._routes.find(key), None
        for _ in range(self._settings.tries):
            if doubted is not None or entry is None or not entry.live:
                entry = await self._wait(caller, key, until, doubted)
            with contextlib.suppress(Unavailable):
                return await self._replicas.connect(entry.available)
            doubted = entry
        raise Unavailable(f"function {key} accepts no connection, try again")

    async def _wait(
        self, caller: socket.socket, key: str, until: float, doubted: RouteEntry | None
    ) -> RouteEntry:
        """Wait for a function; a caller that leaves is waited for no longer."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # for the type checker: this is a coroutine
        with self._leaving.watch(caller, task.cancel):
            return await self._activations.wait(key, until, doubted)

    async def _splice(self, caller: socket.socket, leg: Leg, first: bytes) -> None:
        splice = Splice(
            caller,
            leg.connection,
            idle=self._settings.idle_seconds,
            linger=self._settings.linger_seconds,
        )
        await splice.run(first)


async def _read_head(caller: socket.socket, most: int) -> tuple[Head, bytes] | None:
    loop, read = asyncio.get_running_loop(), b""
    while (end := read.find(END)) < 0:
        if len(read) > most:
            raise InvalidInput(f"the headers are longer than {most} bytes")
        piece = await loop.sock_recv(caller, PIECE)
        if not piece and not read:
            return None
        if not piece:
            raise InvalidInput("the headers end in the middle")
        read += piece
    return parse_head(read[:end]), read[end + len(END) :]
