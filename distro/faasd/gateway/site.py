"""An HTTP application at a port; a connection that asks nothing is not kept."""

import asyncio

from aiohttp import web

from faasd.base.errors import Unavailable
from faasd.gateway.answers import Handler

BACKLOG = 1024
LINE_BYTES = 16384
"""Of the request line, and of one header: more than HAProxy lets through."""
HEAD_SECONDS = 10.0
"""For the head of a connection's first request to come. The router asks at once; a function that
opens connections and says little, to keep others out, loses them."""


class Site:
    """Listens between `start` and `close`."""

    def __init__(
        self,
        app: web.Application,
        address: tuple[str, int],
        *,
        grace: float,
        head_seconds: float = HEAD_SECONDS,
    ) -> None:
        """`grace` is what requests in flight have at the end, in seconds."""
        app.middlewares.insert(0, self._hear)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            auto_decompress=False,
            max_line_size=LINE_BYTES,
            max_field_size=LINE_BYTES,
        )
        self._address = address
        self._grace = grace
        self._head_seconds = head_seconds
        self._silent: set[asyncio.Protocol] = set()
        self._listening: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen.

        Raises:
            Unavailable: the address cannot be had.
        """
        await self._runner.setup()
        host, port = self._address
        loop = asyncio.get_running_loop()
        try:
            self._listening = await loop.create_server(self._greet, host, port, backlog=BACKLOG)
        except OSError as error:
            raise Unavailable(f"the gateway cannot listen at {host}:{port}: {error}") from error

    async def close(self) -> None:
        """Listen no more; let requests in flight end within the grace, then cut them."""
        if self._listening is not None:
            self._listening.close()
        if self._runner.server is not None:
            await self._runner.shutdown()
            await self._runner.server.shutdown(self._grace)
        await self._runner.cleanup()

    def _greet(self) -> asyncio.Protocol:
        assert self._runner.server is not None  # noqa: S101  # there is one since `setup`
        handler = self._runner.server()
        self._silent.add(handler)
        loop = asyncio.get_running_loop()
        loop.call_later(self._head_seconds, self._judge, handler)
        return handler

    def _judge(self, handler: web.RequestHandler) -> None:
        """Drop a connection on which nothing was asked."""
        if handler in self._silent:
            self._silent.discard(handler)
            handler.force_close()

    @web.middleware
    async def _hear(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._silent.discard(request.protocol)
        return await handler(request)
