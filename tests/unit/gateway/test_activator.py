"""Calls of functions that sleep: woken once, waited for, and connected."""

import asyncio
import resource
import socket

import pytest

from faasd.gateway.splice import reset
from tests.unit.gateway.activat_provider import entry, ready
from tests.unit.gateway.activat_stand import FIRST, KEY, SECOND, Stand, run, standing, until


def wake_soon(stand: Stand, *addresses: str, after: float = 0.05) -> None:
    """Let the provider start the function when it is asked to."""

    def wake(_: str) -> None:
        stand.provider.put(entry(replicas=1, state="pending"))
        loop = asyncio.get_running_loop()
        loop.call_later(after, stand.provider.put, ready(*(addresses or (FIRST,))))

    stand.provider.wake = wake


def test_a_function_that_sleeps_is_woken_and_answers() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(entry())
            wake_soon(stand)
            answer = await stand.call("/some/path?a=b")
            assert (answer.status, answer.body) == (200, b"0")
            assert stand.provider.awakened == [KEY]
            assert stand.function.heads[0].startswith(b"GET /some/path?a=b HTTP/1.1\r\n")

    run(test())


def test_a_function_that_is_awake_is_connected_without_the_provider() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(ready(FIRST))
            await until(lambda: stand.routes.find(KEY) is not None, "the function is known")
            await stand.provider.stop()
            assert (await stand.call()).status == 200
            assert stand.provider.awakened == []

    run(test())


def test_200_callers_at_once_wake_a_function_once_and_are_all_answered() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(entry())
            wake_soon(stand, after=0.2)
            answers = await asyncio.gather(*(stand.call() for _ in range(200)))
            assert [answer.status for answer in answers] == [200] * 200
            assert stand.provider.awakened == [KEY]
            assert stand.activator.waiting == 0

    run(test())


def test_the_function_sees_the_request_without_our_header_and_with_an_end() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(ready(FIRST))
            await stand.call("/", "x-call-id: 7", "Connection: keep-alive")
            assert stand.function.heads == [
                b"GET / HTTP/1.1\r\nhost: node\r\nx-call-id: 7\r\nConnection: close\r\n\r\n"
            ]

    run(test())


def test_a_function_put_to_sleep_while_it_is_waited_for_is_woken_again() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(entry())
            stand.provider.wake = lambda _: stand.provider.put(entry(replicas=1, state="pending"))
            call = asyncio.create_task(stand.call())
            await until(lambda: len(stand.provider.awakened) == 1, "the function is woken")
            wake_soon(stand)
            stand.provider.put(entry())
            assert (await call).status == 200
            assert len(stand.provider.awakened) == 2

    run(test())


def test_a_replica_of_a_function_put_to_sleep_is_called_no_more() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(entry(available=(FIRST,)))
            await until(lambda: stand.routes.find(KEY) is not None, "the function is known")
            wake_soon(stand)
            assert (await stand.call()).status == 200
            assert stand.provider.awakened == [KEY]

    run(test())


def test_a_replica_that_has_just_gone_is_not_the_end_of_a_call() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.function.stop_listening()
            stand.provider.put(ready(FIRST))
            await until(lambda: stand.routes.find(KEY) is not None, "the function is known")
            await stand.second.start()
            wake_soon(stand, SECOND)
            assert (await stand.call()).status == 200
            assert len(stand.second.heads) == 1

    run(test())


def test_another_replica_is_tried_before_the_provider_is_asked() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.function.stop_listening()
            await stand.second.start()
            stand.provider.put(ready(FIRST, SECOND))
            answers = [await stand.call() for _ in range(10)]
            assert [answer.status for answer in answers] == [200] * 10
            assert stand.provider.awakened == []

    run(test())


def test_calls_go_to_the_replica_that_has_the_fewest() -> None:
    async def test() -> None:
        async with standing() as stand:
            await stand.second.start()
            stand.provider.put(ready(FIRST, SECOND))
            calls = [asyncio.create_task(stand.call("/silent")) for _ in range(6)]
            both = (stand.function, stand.second)
            await until(lambda: sum(len(f.heads) for f in both) == 6, "all calls arrive")
            assert [len(function.heads) for function in both] == [3, 3]
            for function in both:
                function.proceed.set()
            await asyncio.gather(*calls, return_exceptions=True)

    run(test())


def test_a_call_survives_a_provider_that_restarts_in_the_middle_of_a_start() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(entry())
            stand.provider.wake = lambda _: stand.provider.put(entry(replicas=1, state="pending"))
            call = asyncio.create_task(stand.call())
            await until(lambda: len(stand.provider.awakened) == 1, "the function is woken")
            await stand.provider.stop()
            await until(lambda: not stand.routes.synced, "the provider is missed")
            stand.provider.entries = {KEY: ready(FIRST)}
            await stand.provider.start()
            assert (await call).status == 200

    run(test())


def test_a_function_is_woken_by_a_provider_that_was_away_when_the_call_came() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(entry())
            await until(lambda: stand.routes.find(KEY) is not None, "the function is known")
            await stand.provider.stop()
            call = asyncio.create_task(stand.call())
            await until(lambda: stand.activator.waiting == 1, "the call waits")
            wake_soon(stand)
            await stand.provider.start()
            assert (await call).status == 200

    run(test())


def test_a_function_unknown_while_the_provider_is_away_is_waited_for() -> None:
    async def test() -> None:
        async with standing() as stand:
            await stand.provider.stop()
            await until(lambda: not stand.routes.synced, "the provider is missed")
            call = asyncio.create_task(stand.call(key="new.openfaas-fn"))
            await until(lambda: stand.activator.waiting == 1, "the call waits")
            stand.provider.entries = {"new.openfaas-fn": ready(FIRST, name="new")}
            await stand.provider.start()
            assert (await call).status == 200

    run(test())


def test_a_caller_that_leaves_frees_its_place_at_once() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(entry())
            for body in (b"", bytes(1 << 20)):
                _, writer = await stand.connect()
                writer.write(stand.head("/", f"content-length: {1 << 30}") + body)
                await until(lambda: stand.activator.waiting == 1, "the call waits")
                reset(writer.get_extra_info("socket"))
                writer.transport.abort()
                await until(lambda: stand.activator.connections == 0, "the place is free", 2)
            assert stand.activator.waiting == 0

    run(test())


def test_a_caller_that_closes_without_a_reset_frees_its_place_too() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(entry())
            _, writer = await stand.connect()
            writer.write(stand.head("/", "content-length: 32768") + bytes(20000))
            await until(lambda: stand.activator.waiting == 1, "the call waits")
            writer.close()
            await until(lambda: stand.activator.connections == 0, "the place is free", 2)

    run(test())


def test_what_a_waiting_caller_sends_stays_with_it() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(entry())
            _, writer = await stand.connect()
            writer.write(stand.head("/", f"content-length: {100 << 20}") + bytes(100 << 20))
            await until(lambda: stand.activator.waiting == 1, "the call waits")
            await asyncio.sleep(0.1)
            assert writer.transport.get_write_buffer_size() > 90 << 20
            writer.transport.abort()

    run(test())


def test_a_process_without_descriptors_left_takes_calls_again_later() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(ready(FIRST))
            await until(lambda: stand.routes.find(KEY) is not None, "the function is known")
            before = resource.getrlimit(resource.RLIMIT_NOFILE)
            with socket.socket() as caller:
                caller.setblocking(False)  # noqa: FBT003
                resource.setrlimit(resource.RLIMIT_NOFILE, (caller.fileno() + 1, before[1]))
                try:
                    loop = asyncio.get_running_loop()
                    await loop.sock_connect(caller, ("127.0.0.1", stand.activator.port))
                    await loop.sock_sendall(caller, stand.head())
                    await asyncio.sleep(0.05)
                    assert stand.function.heads == []
                finally:
                    resource.setrlimit(resource.RLIMIT_NOFILE, before)
                assert (await loop.sock_recv(caller, 1000)).startswith(b"HTTP/1.1 200 ")

    run(test())


def test_close_lets_a_waiting_caller_have_its_answer_within_the_grace() -> None:
    async def test() -> None:
        async with standing(grace=10) as stand:
            stand.provider.put(entry())
            wake_soon(stand, after=0.3)
            call = asyncio.create_task(stand.call())
            await until(lambda: stand.activator.waiting == 1, "the call waits")
            await stand.activator.close()
            assert (await call).status == 200

    run(test())


def test_close_tells_those_who_wait_longer_to_try_again() -> None:
    async def test() -> None:
        async with standing(grace=0.1) as stand:
            stand.provider.put(entry())
            call = asyncio.create_task(stand.call())
            await until(lambda: stand.activator.waiting == 1, "the call waits")
            port = stand.activator.port
            await stand.activator.close()
            answer = await call
            assert (answer.status, answer.headers["retry-after"]) == (503, "1")
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", port)

    run(test())
