"""A connection to NATS that is made again for ever."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable

from nats.aio.client import Client
from nats.js import JetStreamContext

from faasd.base.errors import Unavailable
from faasd.http.basic_auth import Login

log = logging.getLogger(__name__)

RECONNECT_SECONDS = 0.25
PING_SECONDS = 1
PINGS_MISSED = 2
"""A server whose network is gone sends no end of the connection: silence has to tell."""

_SILENCE_MILLISECONDS = 4000
_CONNECT_SECONDS = 2


class Connection:
    """One connection; `run` keeps it.

    nats-py reconnects by itself, but gives a connection up when the server refuses something; then
    a new one is made. `on_connected` is called after each time it is there again, and after its
    failure once more.

    Args:
        login: what the server may ask for.
    """

    def __init__(self, url: str, name: str, login: Login | None = None) -> None:
        self._url = url
        self._login = login
        self._name = name
        self._client = Client()
        self._up = asyncio.Event()
        self._closed = asyncio.Event()
        self._listeners: list[Callable[[], Awaitable[None]]] = []
        self._preparing: asyncio.Task[None] | None = None
        self._told = False

    def on_connected(self, listener: Callable[[], Awaitable[None]]) -> None:
        """Have something done each time the connection is there, before it counts as up."""
        self._listeners.append(listener)

    @property
    def is_up(self) -> bool:
        """Whether it is there."""
        return self._up.is_set() and self._client.is_connected

    @property
    def client(self) -> Client:
        """The client of nats-py; another one after the connection was given up."""
        return self._client

    @property
    def most_payload(self) -> int:
        """Bytes of a message, headers included, that the server takes."""
        return self._client.max_payload

    def jetstream(self, seconds: float = 5.0) -> JetStreamContext:
        """Return JetStream's interface, whose questions take `seconds` at most."""
        return self._client.jetstream(timeout=seconds)

    async def wait_up(self, seconds: float) -> None:
        """Wait until it is there.

        Raises:
            Unavailable: it is not within `seconds`.
        """
        try:
            await asyncio.wait_for(self._up.wait(), seconds)
        except TimeoutError:
            raise Unavailable(
                f"the queue does not answer: there is no connection to NATS at {self._url}"
            ) from None

    async def run(self) -> None:
        """Connect, and again, until cancelled."""
        try:
            while True:
                self._client = Client()
                self._closed.clear()
                await self._connect()
                await self._connected()
                await self._closed.wait()
        finally:
            await self.close()

    async def close(self) -> None:
        """Send what waits to be sent, and end the connection."""
        self._up.clear()
        if self._preparing:
            self._preparing.cancel()
        if not self._client.is_closed:
            await self._client.close()

    async def _connect(self) -> None:
        await self._client.connect(
            self._url,
            name=self._name,
            user=self._login.user.decode() if self._login else None,
            password=self._login.password.decode() if self._login else None,
            error_cb=self._failed,
            disconnected_cb=self._disconnected,
            reconnected_cb=self._connected,
            closed_cb=self._given_up,
            max_reconnect_attempts=-1,
            reconnect_time_wait=RECONNECT_SECONDS,  # type: ignore[arg-type]  # sleeps that long
            connect_timeout=_CONNECT_SECONDS,
            ping_interval=PING_SECONDS,
            max_outstanding_pings=PINGS_MISSED,
            flush_timeout=_CONNECT_SECONDS,
        )

    async def _connected(self) -> None:
        _bound_silence(self._client)
        if self._preparing:
            self._preparing.cancel()
        self._preparing = asyncio.create_task(self._prepare())

    async def _prepare(self) -> None:
        """JetStream may need a while longer than its server: it reads its files first."""
        told = ""
        while True:
            try:
                for listener in self._listeners:
                    await listener()
            except Exception as error:  # noqa: BLE001  # whatever it is: it is asked again
                if str(error) != told:
                    log.warning("NATS is there, but the queue is not ready yet: %s", error)
                told = str(error)
                await asyncio.sleep(RECONNECT_SECONDS)
            else:
                log.info("connected to NATS at %s", self._url)
                self._up.set()
                self._told = False
                return

    async def _disconnected(self) -> None:
        if self._up.is_set():
            log.warning("the connection to NATS at %s is gone; trying again", self._url)
        self._up.clear()

    async def _given_up(self) -> None:
        self._up.clear()
        self._closed.set()

    async def _failed(self, error: Exception) -> None:
        """Tell the first failure of each time without a connection."""
        if not self._up.is_set() and not self._told:
            log.warning("no connection to NATS at %s, trying on: %s", self._url, error)
            self._told = True


def _bound_silence(client: Client) -> None:
    """Have the kernel end a connection whose bytes are not taken: closing would wait for them."""
    writer = getattr(client._transport, "_io_writer", None)  # noqa: SLF001  # there is no other way
    if isinstance(writer, asyncio.StreamWriter):
        plug: socket.socket | None = writer.get_extra_info("socket")
        if plug is not None:
            plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _SILENCE_MILLISECONDS)
