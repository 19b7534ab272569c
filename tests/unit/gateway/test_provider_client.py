"""Questions to the provider, on connections of their own or on kept ones."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from faasd.base.errors import Unavailable
from faasd.gateway.provider import ProviderClient
from tests.unit.gateway.activat_stand import run, until

ANSWER = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


@dataclass(eq=False)
class Keeping:
    """A provider that keeps connections."""

    port: int = 0
    connections: int = 0
    gives_up: bool = False
    """Ends a connection as the next question comes in: it was idle for too long."""
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()

    @property
    def open(self) -> int:
        return len(self._open)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            while await reader.readuntil(b"\r\n\r\n") and not self.gives_up:
                writer.write(ANSWER)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()


@asynccontextmanager
async def asking(keep: float | None) -> AsyncIterator[tuple[Keeping, ProviderClient]]:
    provider = Keeping()
    await provider.start()
    client = ProviderClient(f"http://127.0.0.1:{provider.port}", None, timeout=5, keep=keep)
    try:
        yield provider, client
    finally:
        await client.close()
        await provider.stop()


@pytest.mark.parametrize(("keep", "connections"), [(None, 3), (60.0, 1)])
def test_only_who_keeps_connections_uses_them_again(keep: float | None, connections: int) -> None:
    async def test() -> None:
        async with asking(keep) as (provider, client):
            for _ in range(3):
                assert (await client.ask("POST", "/system/awaken/echo")).status == 202

            assert provider.connections == connections

    run(test())


def test_a_kept_connection_does_not_outlive_its_time() -> None:
    async def test() -> None:
        async with asking(0.05) as (provider, client):
            await client.ask("POST", "/")

            await until(lambda: provider.open == 0, "the connection is closed")

    run(test())


def test_a_provider_that_was_restarted_is_asked_on_a_new_connection() -> None:
    async def test() -> None:
        async with asking(60.0) as (provider, client):
            await client.ask("POST", "/")
            await provider.stop()
            await provider.start()

            assert (await client.ask("POST", "/")).status == 202
            assert provider.connections == 2

    run(test())


def test_a_question_that_meets_the_end_of_a_kept_connection_may_be_asked_again() -> None:
    async def test() -> None:
        async with asking(60.0) as (provider, client):
            await client.ask("POST", "/")
            provider.gives_up = True
            with pytest.raises(Unavailable):
                await client.ask("POST", "/")
            provider.gives_up = False

            assert (await client.ask("POST", "/")).status == 202

    run(test())
