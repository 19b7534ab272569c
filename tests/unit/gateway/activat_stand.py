"""An activator with all that it stands on, on loopback: a provider, routes, functions, callers."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field, replace

from faasd.gateway.activator import Activator
from faasd.gateway.activator_settings import ActivatorSettings
from faasd.gateway.activator_waker import ProviderWaker
from faasd.gateway.provider import ProviderClient
from faasd.gateway.routes import Routes
from faasd.gateway.splice import reset
from tests.unit.gateway.activat_provider import LOGIN, MemoryProvider

BLOCK = bytes(range(256)) * 256
FIRST = "127.0.0.2"
EARLY = 20000
SECOND = "127.0.0.3"
KEY = "echo.openfaas-fn"


def run(work: Coroutine[None, None, None], seconds: float = 60) -> None:
    """Run a test in an event loop of its own."""

    async def bounded() -> None:
        async with asyncio.timeout(seconds):
            await work

    asyncio.run(bounded())


async def until(condition: Callable[[], bool], what: str, seconds: float = 20) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"not within {seconds} s: {what}") from None


@dataclass(eq=False)
class Function:
    """A replica. What it does is in the path; `heads` is what reached it."""

    address: str
    port: int
    heads: list[bytes] = field(default_factory=list)
    ended: list[bytes] = field(default_factory=list)
    proceed: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    async def start(self) -> "Function":
        self._server = await asyncio.start_server(
            self._accept, self.address, self.port, backlog=1024
        )
        return self

    async def stop(self) -> None:
        self.stop_listening()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.heads.append(head)
            await self._answer(head, reader, writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.ended.append(b"")
            writer.close()

    async def _answer(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        path = head.split(b" ")[1]
        match path:
            case b"/upgrade":
                writer.write(b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n")
                while piece := await reader.read(1 << 16):
                    writer.write(piece)
                    await writer.drain()
                writer.write(b"over")
            case b"/early":
                writer.write(_whole(bytes(EARLY)))  # and close, with most of the body unread
            case b"/silent":
                await self.proceed.wait()
            case b"/cut":
                writer.write(b"HTTP/1.1 200 OK\r\n\r\nhalf")
                await writer.drain()
                await self.proceed.wait()
                reset(writer.get_extra_info("socket"))
            case b"/large":
                await _write_large(20 << 20, writer)
            case _:
                writer.write(_whole(b"%d" % await _skip_body(head, reader)))


def _whole(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def _write_large(size: int, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
    for _ in range(size // len(BLOCK)):
        writer.write(BLOCK)
        await writer.drain()


async def _skip_body(head: bytes, reader: asyncio.StreamReader) -> int:
    lowered = head.lower()
    if b"content-length: " not in lowered:
        return 0
    length = left = int(lowered.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while left:
        piece = await reader.read(min(left, 1 << 16))
        if not piece:
            raise asyncio.IncompleteReadError(b"", left)
        left -= len(piece)
    return length


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(eq=False)
class Stand:
    provider: MemoryProvider
    routes: Routes
    activator: Activator
    function: Function
    second: Function

    def head(self, path: str = "/", *lines: str, key: str = KEY, method: str = "GET") -> bytes:
        named = ("host: node", f"X-Faasd-Function: {key}", *lines)
        return "\r\n".join((f"{method} {path} HTTP/1.1", *named, "", "")).encode()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.activator.port)

    async def call(self, path: str = "/", *lines: str, key: str = KEY) -> Answer:
        return await self.send(self.head(path, *lines, key=key))

    async def send(self, data: bytes) -> Answer:
        reader, writer = await self.connect()
        with contextlib.closing(writer):
            writer.write(data)
            return parse(await reader.read())

    async def raw(self, data: bytes) -> bytes:
        reader, writer = await self.connect()
        with contextlib.closing(writer):
            writer.write(data)
            return await reader.read()


def parse(data: bytes) -> Answer:
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    pairs = [line.split(": ", 1) for line in lines]
    return Answer(int(first.split(" ")[1]), {name.lower(): value for name, value in pairs}, body)


@contextlib.asynccontextmanager
async def standing(**settings: float) -> AsyncIterator[Stand]:
    """Yield a stand on which the provider is up and knows no function yet."""
    port = _port_free_on(FIRST, SECOND)
    limits = replace(ActivatorSettings(), grace=0.2, replica_port=port)
    limits = replace(limits, **settings)  # type: ignore[arg-type]  # numbers, all of them
    provider = await MemoryProvider().start()
    client = ProviderClient(provider.url, LOGIN, timeout=5)
    routes = Routes(provider.url, LOGIN)
    activator = Activator(routes, ProviderWaker(client), limits)
    function, second = await Function(FIRST, port).start(), Function(SECOND, port)
    following = asyncio.create_task(routes.run())
    await activator.start("127.0.0.1", 0)
    await until(lambda: routes.synced, "the routes are known")
    try:
        yield Stand(provider, routes, activator, function, second)
    finally:
        await activator.close()
        following.cancel()
        await asyncio.wait((following,))
        await client.close()
        await provider.stop()
        await function.stop()
        await second.stop()
        await asyncio.sleep(0.02)  # closed transports take a turn of the loop to be gone


def _port_free_on(*addresses: str) -> int:
    """Return a port that is free on each of the addresses."""
    with contextlib.ExitStack() as held:
        first = held.enter_context(socket.create_server((addresses[0], 0)))
        port = int(first.getsockname()[1])
        for address in addresses[1:]:
            held.enter_context(socket.create_server((address, port)))
        return port
