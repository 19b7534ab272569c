"""Connections to the gateway."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from faasd.gateway.site import Site
from tests.unit.gateway.running import free_port

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HEAD_SECONDS = 0.5
GET = b"GET / HTTP/1.1\r\nHost: n\r\n\r\n"


def converse(talk: Talk, *, head_seconds: float = HEAD_SECONDS) -> None:
    """Talk to a site that answers `OK` to everything."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text="OK")

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/", answer)
        address = ("127.0.0.1", free_port())
        site = Site(app, address, grace=0.5, head_seconds=head_seconds)
        await site.start()
        reader, writer = await asyncio.open_connection(*address)
        try:
            async with asyncio.timeout(10):
                await talk(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            await site.close()

    asyncio.run(run())


@pytest.mark.parametrize("said", [b"", GET[:-2], b"X"])
def test_a_connection_that_asks_nothing_is_closed(said: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        answer = await reader.read()
        assert b" 200 " not in answer

    converse(talk)


def test_a_connection_that_asked_is_kept() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            writer.write(GET)
            assert (await reader.readuntil(b"\r\n\r\nOK")).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(HEAD_SECONDS * 2)

    converse(talk)


def test_many_silent_connections_keep_nobody_out() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        silent = [socket.create_connection(writer.get_extra_info("peername")) for _ in range(200)]
        try:
            writer.write(GET)
            assert (await reader.readuntil(b"\r\n\r\nOK")).startswith(b"HTTP/1.1 200")
        finally:
            for each in silent:
                each.close()

    converse(talk, head_seconds=60)
