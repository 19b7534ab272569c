"""The gateway's view of the routes, kept through whatever the provider does."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from faasd.gateway.route_feed import RouteEntry
from faasd.gateway.routes import Routes
from tests.unit.gateway.activat_provider import (
    AUTHORIZATION,
    LOGIN,
    MemoryProvider,
    entry,
    ready,
)
from tests.unit.gateway.activat_stand import KEY, run, until

ADDRESS = "10.62.0.5"


@contextlib.asynccontextmanager
async def following(
    provider: MemoryProvider, *, silence: float = 15.0, start: bool = True
) -> AsyncIterator[Routes]:
    if start:
        await provider.start()
    routes = Routes(provider.url, LOGIN, silence=silence)
    task = asyncio.create_task(routes.run())
    if start:
        await until(lambda: routes.synced, "all is told")
    try:
        yield routes
    finally:
        task.cancel()
        await asyncio.wait((task,))
        await provider.stop()
        await asyncio.sleep(0.02)


def known(*entries: RouteEntry) -> MemoryProvider:
    return MemoryProvider(entries={told.key: told for told in entries})


def test_what_there_is_is_known_and_then_what_changes() -> None:
    async def test() -> None:
        provider = known(entry(), ready(ADDRESS, name="other"))
        async with following(provider) as routes:
            assert routes.find(KEY) == entry()
            assert routes.find("other.openfaas-fn") == ready(ADDRESS, name="other")
            provider.put(ready(ADDRESS))
            await until(lambda: routes.find(KEY) == ready(ADDRESS), "the change is known")
            provider.remove(KEY)
            await until(lambda: routes.find(KEY) is None, "the end is known")
            assert [told.function for told in routes.entries()] == ["other"]

    run(test())


def test_the_provider_is_shown_the_login() -> None:
    async def test() -> None:
        provider = known()
        async with following(provider):
            assert provider.authorizations == {AUTHORIZATION}

    run(test())


def test_the_table_is_kept_while_the_provider_is_away_and_then_replaced_as_a_whole() -> None:
    async def test() -> None:
        provider = known(entry(), ready(ADDRESS, name="other"))
        async with following(provider) as routes:
            await provider.stop()
            await until(lambda: not routes.synced, "the provider is missed")
            assert len(routes.entries()) == 2
            provider.entries = {KEY: ready(ADDRESS)}
            await provider.start()
            await until(lambda: routes.synced, "all is told again")
            assert routes.entries() == [ready(ADDRESS)]

    run(test())


def test_what_a_provider_has_not_told_yet_is_not_gone_before_it_has_told_all() -> None:
    async def test() -> None:
        provider = known(entry())
        async with following(provider) as routes:
            await provider.stop()
            provider.entries, provider.tells_synced = {}, False
            await provider.start()
            await until(lambda: provider.connections == 2, "it is connected again")
            provider.put(entry("other"))
            await until(lambda: len(routes.entries()) == 2, "the other is known")
            assert not routes.synced
            provider.tell({"synced": True})
            await until(lambda: routes.synced, "all is told")
            assert routes.entries() == [entry("other")]

    run(test())


def test_a_provider_that_comes_later_is_found_soon() -> None:
    async def test() -> None:
        provider = known(entry())
        await provider.start()
        await provider.stop()
        async with following(provider, start=False) as routes:
            await asyncio.sleep(0.2)
            assert not routes.synced
            began = time.monotonic()
            await provider.start()
            await until(lambda: routes.synced, "all is told")
            assert time.monotonic() - began < 2.5

    run(test())


def test_a_connection_without_a_heartbeat_is_made_anew() -> None:
    async def test() -> None:
        provider = known(entry())
        async with following(provider, silence=0.3):
            await until(lambda: provider.connections >= 3, "it is made anew twice")

    run(test())


def test_a_connection_with_a_heartbeat_is_kept() -> None:
    async def test() -> None:
        provider = known(entry())
        async with following(provider, silence=2.0):
            for _ in range(26):
                await asyncio.sleep(0.1)
                provider.tell({})
            assert provider.connections == 1

    run(test())


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_a_provider_that_refuses_is_asked_again(status: int) -> None:
    async def test() -> None:
        provider = known(entry())
        provider.routes_status = status
        await provider.start()
        async with following(provider, start=False) as routes:
            await until(lambda: provider.connections == 2, "it is asked again")
            assert not routes.synced
            provider.routes_status = 200
            await until(lambda: routes.synced, "all is told")

    run(test())


def test_lines_that_are_not_understood_are_asked_for_anew() -> None:
    async def test() -> None:
        provider = known(entry())
        async with following(provider) as routes:
            for number, line in enumerate((b"[]\n", b"{\n", b"x" * (3 << 20)), 2):
                provider.tell_bytes(line)
                await until(lambda: provider.connections == number, "it is made anew")  # noqa: B023
                await until(lambda: routes.synced, "all is told")
            assert routes.entries() == [entry()]

    run(test())


def test_a_line_may_come_in_pieces() -> None:
    async def test() -> None:
        provider = known(entry())
        async with following(provider) as routes:
            for byte in b'{"function":"echo","namespace":"openfaas-fn","gone":true}\n{}\n':
                provider.tell_bytes(bytes((byte,)))
                await asyncio.sleep(0)
            await until(lambda: routes.find(KEY) is None, "the end is known")
            assert provider.connections == 1

    run(test())


def test_4000_functions_are_known_in_a_moment() -> None:
    async def test() -> None:
        provider = known(*(ready(ADDRESS, name=f"fn-{number}") for number in range(4000)))
        async with following(provider) as routes:
            assert len(routes.entries()) == 4000

    run(test())
