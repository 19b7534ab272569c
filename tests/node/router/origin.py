"""A small function: an HTTP/1.1 server in this process that tells what reached it."""

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field

from faasd.router.wanted import Endpoint

BLOCK = bytes(1 << 16)


@dataclass(slots=True)
class Request:
    """One request's head as it came over the wire."""

    line: str
    headers: list[tuple[str, str]]
    body: int = 0

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass
class Origin:
    """One server on a port of its own; `requests` is what it was asked."""

    name: str = "origin"
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    proceed: threading.Event = field(default_factory=threading.Event)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)
    _thread: threading.Thread | None = None

    @property
    def connections(self) -> int:
        """How many are open now."""
        return len(self._writers)

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(address="127.0.0.1", port=self.port)

    def start(self) -> "Origin":
        self._thread = threading.Thread(target=self._loop.run_forever, name=self.name)
        self._thread.start()
        self._run(self._listen())
        return self

    def stop_listening(self) -> None:
        self._run(self._close())

    def stop(self) -> None:
        self.proceed.set()
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread is not None:
            self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for _ in range(10):
            await asyncio.sleep(0)  # what was just accepted gets its transport, and can be closed
        for writer in self._writers:
            writer.transport.abort()
        others = asyncio.all_tasks(self._loop) - {asyncio.current_task(self._loop)}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0.01)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Know the connection before its task has begun, which may be cancelled before it does."""
        self._writers.add(writer)
        self._tasks.add(task := self._loop.create_task(self._serve(reader, writer)))
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await _read_head(reader):
                self.requests.append(head)
                await self._answer(head, reader, writer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._writers.discard(writer)

    async def _answer(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        path = request.line.split(" ")[1]
        if path.startswith("/upgrade"):
            await _echo_for_ever(reader, writer)
        request.body = await _skip_body(request, reader)
        match path.split("?")[0]:
            case "/events":
                await self._events(writer)
            case "/wait":
                await self._wait()
                writer.write(_plain(self.name))
            case "/large":
                await _large(writer, int(path.partition("?")[2]))
            case "/drop":
                writer.close()
            case "/teapot":
                writer.write(b"HTTP/1.1 418 No\r\nServer: pot\r\nContent-Length: 0\r\n\r\n")
            case "/lost":
                claim = b"X-Faasd-Answer: unknown-function\r\n"
                writer.write(b"HTTP/1.1 404 No\r\n" + claim * 2 + b"Content-Length: 0\r\n\r\n")
            case _:
                writer.write(_plain(f"{self.name} {request.body}"))

    async def _wait(self) -> None:
        while not self.proceed.is_set():
            await asyncio.sleep(0.005)

    async def _events(self, writer: asyncio.StreamWriter) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
        writer.write(head + b"Transfer-Encoding: chunked\r\n\r\n" + _chunk(b"data: one\n\n"))
        await writer.drain()
        await self._wait()
        writer.write(_chunk(b"data: two\n\n") + _chunk(b""))


def _plain(text: str) -> bytes:
    body = text.encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def _read_head(reader: asyncio.StreamReader) -> Request | None:
    try:
        text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    line, *rest = text.rstrip("\r\n").split("\r\n")
    pairs = [header.split(":", 1) for header in rest]
    return Request(line=line, headers=[(key, value.strip()) for key, value in pairs])


async def _skip_body(request: Request, reader: asyncio.StreamReader) -> int:
    if request.all("transfer-encoding"):
        total = 0
        while size := int((await reader.readline()).strip() or b"0", 16):
            await reader.readexactly(size + 2)
            total += size
        await reader.readline()
        return total
    length = left = int((request.all("content-length") or ["0"])[0])
    while left:
        left -= len(await reader.readexactly(min(left, len(BLOCK))))
    return length


async def _large(writer: asyncio.StreamWriter, size: int) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
    for _ in range(size // len(BLOCK)):
        writer.write(BLOCK)
        await writer.drain()
    writer.write(BLOCK[: size % len(BLOCK)])


async def _echo_for_ever(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    switch = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
    accept = b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    writer.write(switch + b"Upgrade: websocket\r\n" + accept + b"\r\n")
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    raise ConnectionResetError
