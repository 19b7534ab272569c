"""A caller and a function, connected: bytes go both ways as they come."""

import asyncio
import gc
import socket
import tracemalloc

import pytest

from tests.unit.gateway.activat_provider import ready
from tests.unit.gateway.activat_stand import BLOCK, EARLY, FIRST, Stand, parse, run, standing, until

SIZE = 20 << 20
MOST = 2 << 20
"""Bytes of Python's memory that a conversation of 20 MB may need at most, on all three sides."""


async def serve(stand: Stand) -> None:
    stand.provider.put(ready(FIRST))
    await until(lambda: bool(stand.routes.entries()), "the function is known")


def test_20_mb_go_to_the_function_in_little_memory() -> None:
    async def test() -> None:
        async with standing() as stand:
            await serve(stand)
            reader, writer = await stand.connect()
            writer.write(stand.head("/", f"content-length: {SIZE}", method="POST"))
            tracemalloc.start()
            for _ in range(SIZE // len(BLOCK)):
                writer.write(BLOCK)
                await writer.drain()
            assert parse(await reader.read()).body == b"%d" % SIZE
            assert tracemalloc.get_traced_memory()[1] < MOST
            writer.close()

    try:
        run(test())
    finally:
        tracemalloc.stop()


def test_20_mb_come_from_the_function_in_little_memory() -> None:
    async def test() -> None:
        async with standing() as stand:
            await serve(stand)
            reader, writer = await stand.connect()
            writer.write(stand.head("/large"))
            await reader.readuntil(b"\r\n\r\n")
            tracemalloc.start()
            for _ in range(SIZE // len(BLOCK)):
                assert await reader.readexactly(len(BLOCK)) == BLOCK
            assert await reader.read() == b""
            assert tracemalloc.get_traced_memory()[1] < MOST
            writer.close()

    try:
        run(test())
    finally:
        tracemalloc.stop()


def test_a_caller_that_does_not_read_stops_the_function() -> None:
    async def test() -> None:
        async with standing() as stand:
            await serve(stand)
            tracemalloc.start()
            _, writer = await stand.connect()
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(stand.head("/large"))
            await until(lambda: len(stand.function.heads) == 1, "the function is called")
            await asyncio.sleep(0.1)
            assert stand.function.ended == []
            assert tracemalloc.get_traced_memory()[1] < MOST
            writer.transport.abort()
            await until(lambda: len(stand.function.ended) == 1, "the function is left")

    try:
        run(test())
    finally:
        tracemalloc.stop()


def test_an_upgraded_connection_carries_bytes_both_ways_until_either_side_has_ended() -> None:
    async def test() -> None:
        async with standing() as stand:
            await serve(stand)
            reader, writer = await stand.connect()
            writer.write(stand.head("/upgrade", "connection: upgrade", "upgrade: websocket"))
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
            for message in (b"\x81\x05hello", bytes(range(256)), b"\x88\x00"):
                writer.write(message)
                assert await reader.readexactly(len(message)) == message
            writer.write_eof()
            assert await reader.read() == b"over"
            writer.close()
            await until(lambda: stand.activator.connections == 0, "nothing is left open")

    run(test())


def test_bytes_that_came_with_the_headers_are_not_lost() -> None:
    async def test() -> None:
        async with standing() as stand:
            await serve(stand)
            answer = await stand.send(stand.head("/", "content-length: 5") + b"hello")
            assert answer.body == b"5"

    run(test())


def test_a_caller_that_ends_its_sending_gets_its_answer() -> None:
    async def test() -> None:
        async with standing() as stand:
            await serve(stand)
            reader, writer = await stand.connect()
            writer.write(stand.head("/", "content-length: 5") + b"hello")
            writer.write_eof()
            assert parse(await reader.read()).body == b"5"
            writer.close()

    run(test())


def test_a_function_may_answer_before_the_body_is_over() -> None:
    async def test() -> None:
        async with standing() as stand:
            await serve(stand)
            reader, writer = await stand.connect()
            writer.write(stand.head("/early", f"content-length: {SIZE}") + bytes(SIZE))
            answer = parse(await reader.read())
            assert (answer.status, len(answer.body)) == (200, EARLY)
            writer.transport.abort()
            await until(lambda: stand.activator.connections == 0, "nothing is left open")

    run(test())


def test_a_caller_that_sends_on_after_the_answer_is_left_soon() -> None:
    async def test() -> None:
        async with standing() as stand:
            await serve(stand)
            reader, writer = await stand.connect()
            writer.write(stand.head("/early", f"content-length: {SIZE}") + bytes(SIZE))
            assert parse(await reader.read()).status == 200
            await until(lambda: stand.activator.connections == 0, "the caller is left", 10)
            writer.transport.abort()

    run(test())


def test_an_answer_that_breaks_off_is_not_taken_for_a_whole_one() -> None:
    async def test() -> None:
        async with standing() as stand:
            await serve(stand)
            reader, writer = await stand.connect()
            writer.write(stand.head("/cut"))
            assert await reader.readuntil(b"half") == b"HTTP/1.1 200 OK\r\n\r\nhalf"
            stand.function.proceed.set()
            with pytest.raises(ConnectionResetError):
                await reader.read()
            writer.close()

    run(test())


def test_a_caller_that_is_gone_ends_the_functions_connection() -> None:
    async def test() -> None:
        async with standing() as stand:
            await serve(stand)
            reader, writer = await stand.connect()
            writer.write(stand.head("/upgrade", "connection: upgrade", "upgrade: websocket"))
            await reader.readuntil(b"\r\n\r\n")
            writer.transport.abort()
            await until(lambda: len(stand.function.ended) == 1, "the function is left")
            await until(lambda: stand.activator.connections == 0, "nothing is left open")

    run(test())


def test_a_silent_conversation_is_ended() -> None:
    async def test() -> None:
        async with standing(idle_seconds=0.2) as stand:
            await serve(stand)
            with pytest.raises(ConnectionResetError):
                await stand.call("/silent")
            await until(lambda: stand.activator.connections == 0, "nothing is left open")

    run(test())


def test_one_side_alone_is_not_kept_for_long() -> None:
    async def test() -> None:
        async with standing(linger_seconds=0.2) as stand:
            await serve(stand)
            reader, writer = await stand.connect()
            writer.write(stand.head("/silent"))
            writer.write_eof()
            with pytest.raises(ConnectionResetError):
                await reader.read()
            writer.close()

    run(test())


def test_the_grace_of_close_is_for_conversations_too_and_then_they_are_broken_off() -> None:
    async def test() -> None:
        async with standing(grace=0.2) as stand:
            await serve(stand)
            call = asyncio.create_task(stand.call("/silent"))
            await until(lambda: len(stand.function.heads) == 1, "the function is called")
            await stand.activator.close()
            assert stand.activator.connections == 0
            with pytest.raises((ConnectionError, IndexError)):
                await call

    run(test())


def test_no_socket_is_left_after_many_conversations() -> None:
    async def test() -> None:
        async with standing() as stand:
            await serve(stand)
            await stand.call()
            before = _sockets()
            for path in ("/", "/early", "/large") * 5:
                await stand.call(path)
            await until(lambda: stand.activator.connections == 0, "nothing is left open")
            await until(lambda: _sockets() <= before, "no socket is left")

    run(test())


def _sockets() -> int:
    gc.collect()
    return sum(
        isinstance(found, socket.socket) and found.fileno() >= 0 for found in gc.get_objects()
    )
