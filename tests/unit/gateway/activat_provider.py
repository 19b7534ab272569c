"""A provider in memory that speaks `/system/routes` and `/system/awaken`, and nothing else."""

import asyncio
import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from faasd.gateway.routes import RouteEntry
from faasd.http.basic_auth import Login

LOGIN = Login(user=b"admin", password=b"secret")
AUTHORIZATION = f"Basic {base64.b64encode(b'admin:secret').decode()}"


def entry(name: str = "echo", **changes: object) -> RouteEntry:
    """A function that is asleep, unless told otherwise."""
    asleep = RouteEntry(
        function=name,
        namespace="openfaas-fn",
        replicas=0,
        available=(),
        state="asleep",
        reason="",
        generation=1,
    )
    return replace(asleep, **changes)  # type: ignore[arg-type]  # as the test says


def ready(*addresses: str, name: str = "echo") -> RouteEntry:
    return entry(name, replicas=len(addresses), available=addresses, state="ready")


@dataclass(eq=False)
class MemoryProvider:
    """Answers on a port of its own; `awakened` is what it was asked to wake."""

    port: int = 0
    entries: dict[str, RouteEntry] = field(default_factory=dict)
    awakened: list[str] = field(default_factory=list)
    wake: Callable[[str], None] = lambda _: None
    awaken_status: int = 202
    awaken_body: bytes = b""
    routes_status: int = 200
    tells_synced: bool = True
    connections: int = 0
    authorizations: set[str] = field(default_factory=set)
    _streams: set[asyncio.StreamWriter] = field(default_factory=set)
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> "MemoryProvider":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """Go away, as a provider does that is killed."""
        if self._server is not None:
            self._server.close()
        for stream in list(self._streams):
            stream.transport.abort()
        self._streams.clear()

    def put(self, *entries: RouteEntry) -> None:
        for told in entries:
            self.entries[told.key] = told
            self.tell(_line(told))

    def remove(self, key: str) -> None:
        gone = self.entries.pop(key)
        self.tell({"function": gone.function, "namespace": gone.namespace, "gone": True})

    def tell(self, line: object) -> None:
        self.tell_bytes(json.dumps(line).encode() + b"\n")

    def tell_bytes(self, data: bytes) -> None:
        for stream in self._streams:
            stream.write(b"%x\r\n%s\r\n" % (len(data), data))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            method, target, _ = head.split("\r\n", 1)[0].split(" ")
            self._note_login(head)
            if (method, target) == ("GET", "/system/routes"):
                await self._tell_all(reader, writer)
            else:
                self._awaken(method, target, writer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._streams.discard(writer)
            writer.close()

    def _note_login(self, head: str) -> None:
        for line in head.split("\r\n"):
            name, _, value = line.partition(": ")
            if name.lower() == "authorization":
                self.authorizations.add(value)

    async def _tell_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self.routes_status != 200:
            writer.write(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % self.routes_status)
            return
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        lines: list[object] = [_line(told) for told in self.entries.values()]
        lines += [{"synced": True}] if self.tells_synced else []
        for line in lines:
            data = json.dumps(line).encode() + b"\n"
            writer.write(b"%x\r\n%s\r\n" % (len(data), data))
        self._streams.add(writer)
        await reader.read()

    def _awaken(self, method: str, target: str, writer: asyncio.StreamWriter) -> None:
        assert method == "POST"
        path, _, namespace = target.partition("?namespace=")
        key = f"{path.removeprefix('/system/awaken/')}.{namespace}"
        body = self.awaken_body
        head = b"HTTP/1.1 %d Word\r\nContent-Length: %d\r\n\r\n" % (self.awaken_status, len(body))
        writer.write(head + body)
        if self.awaken_status == 202:
            self.awakened.append(key)
            self.wake(key)


def _line(told: RouteEntry) -> dict[str, object]:
    return {
        "function": told.function,
        "namespace": told.namespace,
        "generation": told.generation,
        "replicas": told.replicas,
        "available": list(told.available),
        "state": told.state,
        "reason": told.reason,
    }
