"""The activator before the provider itself, in gunicorn, on a machine in memory."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from faasd.gateway.activator import Activator
from faasd.gateway.activator_settings import ActivatorSettings
from faasd.gateway.activator_waker import ProviderWaker
from faasd.gateway.provider import ProviderClient
from faasd.gateway.routes import Routes
from tests.node.router.running import say
from tests.unit.gateway.activat_stand import Answer, parse, run, until
from tests.unit.provider.test_gunicorn import Served

KEY = "echo.openfaas-fn"
CALL = b"GET / HTTP/1.1\r\nhost: node\r\nx-faasd-function: echo.openfaas-fn\r\n\r\n"
SCALES = "/system/scale-function/echo"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    try:
        yield made
    finally:
        made.stop()


class Front:
    """An activator and the routes that it reads."""

    def __init__(self, served: Served) -> None:
        url = f"http://127.0.0.1:{served.port}"
        self.client = ProviderClient(url, None, timeout=10)
        self.routes = Routes(url, None)
        waker = ProviderWaker(self.client)
        self.activator = Activator(self.routes, waker, ActivatorSettings(grace=0.1))

    async def call(self) -> Answer:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.activator.port)
        with contextlib.closing(writer):
            writer.write(CALL)
            answer = await reader.read()
        if not answer:
            raise ConnectionResetError
        return parse(answer)

    async def call_as_the_router(self) -> Answer:
        """A call that breaks off without an answer is tried again, up to three times."""
        for _ in range(3):
            with contextlib.suppress(ConnectionResetError):
                return await self.call()
        return await self.call()

    async def sleep(self) -> None:
        body = b'{"replicas":0}'
        assert (await self.client.ask("POST", SCALES, body=body)).status == 202

    def state(self) -> str:
        entry = self.routes.find(KEY)
        return "" if entry is None else entry.state


@asynccontextmanager
async def front(served: Served, image: str = "serve") -> AsyncIterator[Front]:
    made = Front(served)
    body = f'{{"service":"echo","image":"{image}"}}'.encode()
    assert (await made.client.ask("POST", "/system/functions", body=body)).status == 202
    following = asyncio.create_task(made.routes.run())
    await made.activator.start("127.0.0.1", 0)
    try:
        yield made
    finally:
        await made.activator.close()
        following.cancel()
        await asyncio.wait((following,))
        await made.client.close()


def test_50_first_calls_in_a_row_are_answered(served: Served) -> None:
    async def test() -> None:
        took = []
        async with front(served) as made:
            loop = asyncio.get_running_loop()
            for _ in range(50):
                await made.sleep()
                await until(lambda: made.state() == "asleep", "it sleeps")
                began = loop.time()
                assert (await made.call()).status == 200
                took.append((loop.time() - began) * 1000)
        took.sort()
        say(f"50 first calls: median {took[25]:.1f} ms, longest {took[-1]:.1f} ms")

    run(test())


def test_200_callers_at_once_are_all_answered(served: Served) -> None:
    async def test() -> None:
        async with front(served) as made:
            await made.sleep()
            await until(lambda: made.state() == "asleep", "it sleeps")
            answers = await asyncio.gather(*(made.call() for _ in range(200)))
            assert [answer.status for answer in answers] == [200] * 200
            assert made.activator.awakened == 1

    run(test())


def test_a_function_put_to_sleep_again_and_again_answers_every_call(served: Served) -> None:
    async def test() -> None:
        async with front(served) as made:
            statuses: list[int] = []

            async def keep_calling() -> None:
                while len(statuses) < 400:
                    statuses.append((await made.call_as_the_router()).status)

            async def keep_sleeping() -> None:
                while True:
                    await made.sleep()
                    await asyncio.sleep(0.03)

            sleeping = asyncio.create_task(keep_sleeping())
            await asyncio.gather(*(keep_calling() for _ in range(8)))
            sleeping.cancel()
            await asyncio.wait((sleeping,))
            say(f"{len(statuses)} calls, woken {made.activator.awakened} times")
            assert set(statuses) == {200}
            assert made.activator.awakened > 5

    run(test())


@pytest.mark.parametrize("image", ["exit", "silent"])
def test_a_call_while_a_bad_update_of_a_sleeping_function_is_tried_is_answered(
    served: Served, image: str
) -> None:
    async def test() -> None:
        async with front(served) as made:
            assert (await made.call()).status == 200
            await made.sleep()
            await until(lambda: made.state() == "asleep", "it sleeps")
            bad = f'{{"service":"echo","image":"{image}"}}'.encode()
            assert (await made.client.ask("PUT", "/system/functions", body=bad)).status == 202

            assert [(await made.call()).status for _ in range(20)] == [200] * 20

            answer = await made.client.ask("GET", "/system/function/echo")
            assert b"rolled back" not in answer.body

    run(test())


def test_a_function_that_is_deleted_is_unknown_at_once(served: Served) -> None:
    async def test() -> None:
        async with front(served) as made:
            assert (await made.call()).status == 200
            body = b'{"functionName":"echo"}'
            await made.client.ask("DELETE", "/system/functions", body=body)
            await until(lambda: made.routes.find(KEY) is None, "the end is known")
            assert (await made.call()).status == 404

    run(test())
