"""Calls functions through the router."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import (
    ClientConnectorError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
)
from yarl import URL

from faasd.base.errors import Unavailable
from faasd.queue.call import AsyncCall

log = logging.getLogger(__name__)

_CONNECT_SECONDS = 3.0
_IDLE_SECONDS = 30.0
"""Less than the router keeps idle connections, so that none is used while it is being closed."""

_PAUSES = (0.05, 0.1, 0.25, 0.5, 1.0)
_CHOSEN = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""Headers that aiohttp would add of its own; the function gets what the caller sent."""


def open_session() -> ClientSession:
    """Return a client that changes nothing: no cookies, no decoding, no headers of its own."""
    return ClientSession(
        connector=TCPConnector(limit=0, keepalive_timeout=_IDLE_SECONDS),
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=_CHOSEN,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The head of a function's answer, and where its body comes from.

    Attributes:
        seconds: from the call to the head of the answer.
    """

    response: ClientResponse
    seconds: float

    @property
    def status(self) -> int:
        """The status."""
        return self.response.status

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """All headers, in order."""
        return tuple(self.response.headers.items())

    async def skip_body(self) -> None:
        """Wait for the end of the body, and keep nothing of it."""
        async for _ in self.response.content.iter_any():
            pass


class Functions:
    """The functions behind one router."""

    def __init__(self, session: ClientSession, url: str, *, silence: float, reach: float) -> None:
        self._session = session
        self._url = url
        self._reach = reach
        self._timeout = ClientTimeout(
            total=None, sock_connect=_CONNECT_SECONDS, sock_read=silence or None
        )

    @asynccontextmanager
    async def call(self, call: AsyncCall) -> AsyncIterator[Answer]:
        """Call a function and give its answer, whose body is read inside.

        A router that cannot be reached is tried for a while, in place: while it is away calls
        wait, and do not use their tries up.

        Raises:
            Unavailable: the router could not be reached.
            aiohttp.ClientError, TimeoutError: the call was cut off.
            ValueError: it cannot be written as HTTP.
        """
        response, seconds = await self._send(call)
        async with response:
            yield Answer(response=response, seconds=seconds)

    async def _send(self, call: AsyncCall) -> tuple[ClientResponse, float]:
        url = URL(f"{self._url}/function/{call.key}{call.path}", encoded=True)
        until = time.monotonic() + self._reach
        failures = 0
        while True:
            began = time.perf_counter()
            try:
                response = await self._session.post(
                    url,
                    data=call.body,
                    headers=call.headers,
                    timeout=self._timeout,
                    allow_redirects=False,
                )
            except ClientConnectorError as error:
                if time.monotonic() >= until:
                    raise Unavailable(f"the router at {self._url} is not there: {error}") from error
                await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])
                failures += 1
            else:
                return response, time.perf_counter() - began
