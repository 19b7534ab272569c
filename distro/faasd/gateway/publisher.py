"""Puts calls into the queue: accepted means that JetStream has written them down."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import nats.errors
from nats.js.errors import APIError, Error, NoStreamResponseError

from faasd.base.errors import FaasdError, Overloaded, TooLarge, Unavailable
from faasd.http.basic_auth import Login
from faasd.queue.call import AsyncCall, write_call
from faasd.queue.connection import Connection
from faasd.queue.limits import MIB, StreamLimits, read_limits
from faasd.queue.names import ASYNC_STREAM, ID_HEADER, async_subject
from faasd.queue.reading import Reader
from faasd.queue.streams import make_streams

log = logging.getLogger(__name__)

DEFAULT_BODY = 960 * 1024
"""NATS takes messages of 1 MiB; the rest is for headers and what a dead letter says of itself."""

HEADERS_MOST = 60 * 1024
"""JetStream takes 64 KiB of headers; a dead letter has to fit in, too."""

_SPARE = 4096
_ATTEMPT_SECONDS = 2.0
_PAUSE = 0.05
_END = 1.0
"""Seconds in which the connection sends what waits to be sent, and ends."""

_FULL = frozenset((10047, 10077, 10122))
"""JetStream's errors: no storage left, the stream has its most bytes, its most messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherSettings:
    """How much may be on its way into the queue at once.

    Attributes:
        body_bytes: the largest body.
        outstanding: calls that are not acknowledged yet; ``outstanding_bytes`` of their bodies.
        patience: seconds in which a call has to be acknowledged, else the caller is told to
            come again.
    """

    nats_url: str = "nats://nats:4222"
    body_bytes: int = DEFAULT_BODY
    outstanding: int = 1024
    outstanding_bytes: int = 24 * MIB
    patience: float = 5.0
    limits: StreamLimits = field(default_factory=StreamLimits)


def read_publisher_settings(environment: Mapping[str, str]) -> PublisherSettings:
    """Read them.

    Raises:
        InvalidInput: one is wrong; the sentence names it.
    """
    default = PublisherSettings()
    get = Reader(environment)
    body = get.memory("async_max_body", default.body_bytes)
    return PublisherSettings(
        nats_url=get.url("nats_url", default.nats_url, ("nats", "tls")),
        body_bytes=body,
        outstanding=get.number("async_max_outstanding", default.outstanding, 100_000),
        outstanding_bytes=max(
            body, get.memory("async_outstanding_bytes", default.outstanding_bytes)
        ),
        patience=get.seconds("async_patience", default.patience, 0.1),
        limits=read_limits(environment),
    )


class Publisher:
    """Publishes calls, each acknowledged by JetStream, many at once."""

    def __init__(self, settings: PublisherSettings, login: Login | None = None) -> None:
        self.settings = settings
        self._connection = Connection(settings.nats_url, "faasd-gateway", login)
        self._connection.on_connected(self._make_streams)
        self._running: asyncio.Task[None] | None = None
        self._outstanding = 0
        self._bytes = 0

    async def start(self) -> None:
        """Begin to connect; NATS need not be there."""
        self._running = asyncio.create_task(self._connection.run())

    async def close(self) -> None:
        """End the connection."""
        while self._running and not self._running.done():
            # More than once: nats-py, which waits with asyncio.wait_for, may lose a cancellation.
            self._running.cancel()
            await asyncio.wait((self._running,), timeout=_END)

    @property
    def is_connected(self) -> bool:
        """Whether NATS is there."""
        return self._connection.is_up

    @asynccontextmanager
    async def room(self, size: int) -> AsyncIterator[None]:
        """Hold room for a call with a body of `size` bytes, from before the body is read.

        Raises:
            Overloaded: there is none.
        """
        settings = self.settings
        full = self._outstanding >= settings.outstanding
        if full or self._bytes + size > settings.outstanding_bytes:
            raise Overloaded(
                f"{self._outstanding} asynchronous calls are being written down already; "
                "try again in a moment"
            )
        self._outstanding += 1
        self._bytes += size
        try:
            yield
        finally:
            self._outstanding -= 1
            self._bytes -= size

    async def count_waiting(self, key: str) -> int:
        """Return how many calls wait for ``NAME.NAMESPACE``, to be tried again included.

        0 where NATS does not answer: nobody works them off then.
        """
        if not self.is_connected:
            return 0
        subject = async_subject(key)
        try:
            jetstream = self._connection.jetstream(_ATTEMPT_SECONDS)
            info = await jetstream.stream_info(ASYNC_STREAM, subjects_filter=subject)
        except (nats.errors.Error, OSError) as error:
            log.debug("calls that wait for %s are not known: %s", key, error)
            return 0
        return (info.state.subjects or {}).get(subject, 0)

    async def publish(self, message: AsyncCall) -> None:
        """Return once JetStream has the call; one it has already is fine.

        Raises:
            TooLarge: call and headers are more than NATS takes in one message.
            Overloaded: the queue is full.
            Unavailable: NATS does not acknowledge it. It may have it all the same: asking again
                with the same call id does not call the function twice.
        """
        headers = write_call(message) | {ID_HEADER: message.identity()}
        clock = asyncio.get_running_loop().time
        until = clock() + self.settings.patience
        while (left := until - clock()) > 0:
            await self._connection.wait_up(left)
            self._check_size(message, headers)
            try:
                await self._publish_once(message, headers, min(left, _ATTEMPT_SECONDS))
            except (nats.errors.Error, OSError) as error:
                if told := _say(error):
                    raise told from error
                log.debug("not acknowledged, tried again: %s", error)
                await self._make_missing(error)
                await asyncio.sleep(_PAUSE)
            else:
                return
        raise Unavailable(
            "the queue did not acknowledge the call; try again: with the same X-Call-Id it is not "
            "taken twice"
        )

    async def _publish_once(
        self, message: AsyncCall, headers: dict[str, str], seconds: float
    ) -> None:
        await self._connection.jetstream().publish(
            async_subject(message.key),
            message.body,
            timeout=seconds,
            stream=ASYNC_STREAM,
            headers=headers,
        )

    async def _make_missing(self, error: Exception) -> None:
        """Make the streams anew where NATS lost its files."""
        if isinstance(error, NoStreamResponseError):
            with suppress(nats.errors.Error):
                await self._make_streams()

    async def _make_streams(self) -> None:
        await make_streams(self._connection.jetstream(), self.settings.limits)

    def _check_size(self, message: AsyncCall, headers: dict[str, str]) -> None:
        said = sum(len(name) + len(value) for name, value in headers.items())
        if said > HEADERS_MOST:
            raise TooLarge(
                f"the headers of an asynchronous call are {said} bytes as they are written down; "
                f"they may have {HEADERS_MOST}"
            )
        most = self._connection.most_payload - _SPARE
        if len(message.body) + said > most:
            raise TooLarge(
                f"body and headers of an asynchronous call are {len(message.body) + said} bytes; "
                f"NATS takes {most} here"
            )


def _say(error: Exception) -> FaasdError | None:
    """Return what to tell the caller; None where trying again may help."""
    if isinstance(error, APIError) and error.err_code in _FULL:
        return Overloaded("the queue is full; try again when calls have been worked off")
    if isinstance(error, nats.errors.MaxPayloadError):
        return TooLarge("the call is more than NATS takes in one message")
    if isinstance(error, APIError | Error) and not isinstance(error, NoStreamResponseError):
        return Unavailable(f"the queue refused the call: {error}")
    return None
