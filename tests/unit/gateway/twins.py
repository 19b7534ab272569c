"""What the gateway talks to, in memory or on loopback: a provider, the router's counters."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from faasd.base.errors import Unavailable
from faasd.router.tally import FunctionStats
from faasd.router.wanted import FunctionName

PATIENCE = 10.0


@dataclass(frozen=True)
class Asked:
    """One request as it reached the provider."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class ScriptedProvider:
    """Answers by path, well or badly, and remembers what it was asked."""

    functions: list[dict[str, object]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    proceed: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)
    """Set when a reader of endless lines went away."""
    url: str = ""

    def find(self, name: str) -> dict[str, object] | None:
        return next((each for each in self.functions if each["name"] == name), None)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider: ScriptedProvider

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        asked = Asked(self.command, self.path, dict(self.headers), self._read_body())
        self.provider.asked.append(asked)
        path = urlsplit(self.path).path.removeprefix("/system/")
        kind, _, name = path.partition("/")
        endings: Mapping[str, Callable[[], None]] = {
            "logs": self._follow,
            "slow": self._wait,
            "drop": lambda: None,
            "broken": self._break,
            "large": self._large,
            "status": lambda: self._say(int(name), b"" if name in ("204", "304") else b"so\n"),
            "functions": lambda: self._tell(self.provider.functions),
            "function": lambda: self._describe(name),
            "scale-function": lambda: self._say(202, b""),
            "follow-load": lambda: self._say(202, b'{"replicas": 2}'),
        }
        if kind == "drop":
            self.close_connection = True
            return
        endings.get(kind, lambda: self._echo(asked))()

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _tell(self, found: object) -> None:
        self._say(200, json.dumps(found).encode(), Content_Type="application/json")

    def _echo(self, asked: Asked) -> None:
        told = {"method": asked.method, "path": asked.path, "headers": asked.headers}
        told["body"] = asked.body.decode()
        self.send_response(200, "Fine")
        body = json.dumps(told).encode()
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Twice", "one")
        self.send_header("X-Twice", "two")
        self.send_header("Connection", "keep-alive, X-Private")
        self.send_header("X-Private", "hop")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _describe(self, name: str) -> None:
        found = self.provider.find(name)
        if found is None:
            self._say(404, b"there is no such function\n", Content_Type="text/plain")
        else:
            self._tell(found)

    def _wait(self) -> None:
        self.provider.proceed.wait(PATIENCE)
        self._say(200, b"late")

    def _break(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"some")
        self.close_connection = True

    def _large(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(1000 * 65536))
        self.end_headers()
        for _ in range(1000):
            self.wfile.write(bytes(65536))

    def _follow(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            self._line(b'{"text":"first"}\n')
            self.provider.proceed.wait(PATIENCE)
            for _ in range(1000):
                self._line(b'{"text":"more"}\n')
                self.provider.left.wait(0.01)
        except OSError:
            self.provider.left.set()
        self.close_connection = True

    def _line(self, text: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))


class _Server(ThreadingHTTPServer):
    def handle_error(self, _request: object, _address: object) -> None:
        """Callers may leave."""


@contextmanager
def scripted_provider() -> Iterator[ScriptedProvider]:
    """Serve one on a port of its own."""
    provider = ScriptedProvider()
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = _Server(("127.0.0.1", 0), handler)
    server.daemon_threads = False
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield provider
    finally:
        provider.proceed.set()
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class MemoryCounts:
    """The router's counters; without them it does not answer."""

    stats: Mapping[FunctionName, FunctionStats] | None = field(default_factory=dict)
    kept: int = 0
    reads: int = 0
    worker: str = "1@1"

    def read(self) -> Mapping[FunctionName, FunctionStats]:
        self.reads += 1
        if self.stats is None:
            raise Unavailable("the router does not answer")
        return self.stats

    def keep(self) -> None:
        self.kept += 1


@dataclass(frozen=True)
class Entry:
    """A function that is wanted."""

    key: str
    replicas: int


@dataclass
class MemoryRoutes:
    """What is wanted, never changing by itself."""

    wanted: Sequence[Entry] = ()

    def entries(self) -> Sequence[Entry]:
        return self.wanted

    async def run(self) -> None:
        await asyncio.Event().wait()


@dataclass
class MemoryPart:
    """Something that begins and ends."""

    done: list[str] = field(default_factory=list)

    async def start(self) -> None:
        self.done.append("started")

    async def close(self) -> None:
        self.done.append("closed")
