"""A real HAProxy of a test's own, on loopback, with a `Router` that tells it what to do."""

import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import Unavailable
from faasd.router.counts import Counts
from faasd.router.master import get_worker
from faasd.router.pool import Shape
from faasd.router.routes import Router
from faasd.router.runtime import RuntimeSocket
from faasd.router.settings import Limits, RouterSettings
from faasd.router.tally import FunctionStats
from faasd.router.wanted import Endpoint, FunctionName, Routes
from tests.machine.processes import wait_until
from tests.node.router.origin import Origin

HELLO = FunctionName(name="hello")
START = 10.0


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class RunningRouter:
    """HAProxy, its router, a gateway and an activator that answer with their names."""

    router: Router
    reader: Counts

    def __init__(self, *, shape: Shape | None = None, limits: Limits | None = None) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="router"))
        self.gateway, self.activator = Origin("gateway").start(), Origin("activator").start()
        self.port, self.metrics_port = free_port(), free_port()
        self.settings = RouterSettings(
            directory=self.directory,
            gateway=self.gateway.endpoint,
            activator=self.activator.endpoint,
            metrics_binds=(f"127.0.0.1:{self.metrics_port}",),
            limits=limits or Limits(),
        )
        self.shape = shape
        self.restart_tools()
        with contextlib.suppress(Unavailable):
            self.router.apply({})
        self.start()

    def start(self) -> None:
        command = ["haproxy", "-W", "-db", "-S", f"{self.settings.master_socket}"]
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "-f", self.settings.config_file],
                stdout=log,
                stderr=log,
                env=os.environ | {"ROUTER_BIND": f"127.0.0.1:{self.port}"},
            )
        until = time.monotonic() + START
        while self.find_pid() is None:
            assert time.monotonic() < until, (self.directory / "log").read_text()
            time.sleep(0.005)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        workers = _children(self.process.pid)
        self.process.send_signal(how)
        self.process.wait(10)
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        if self.process.poll() is None:
            self.stop()
        self.gateway.stop()
        self.activator.stop()
        shutil.rmtree(self.directory)

    def restart_tools(self) -> None:
        """As programs that start anew: another `Router` and `Counts` for the same HAProxy."""
        self.router = Router(self.settings, shape=self.shape)
        self.reader = Counts(self.settings.admin_socket, self.directory / "tally.json")

    def find_pid(self) -> int | None:
        try:
            return get_worker(RuntimeSocket(self.settings.admin_socket)).pid
        except Unavailable:
            return None

    def memory_kb(self) -> int:
        status = Path(f"/proc/{self.find_pid()}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0])

    def in_flight(self, endpoint: Endpoint) -> int:
        """Return how many requests of `hello` are in flight at a replica."""
        return self.router.in_flight([(HELLO, endpoint)])[endpoint]

    def wait_idle(self, endpoint: Endpoint) -> None:
        wait_until(lambda: self.in_flight(endpoint) == 0, START, f"nothing in flight at {endpoint}")

    def counts(self) -> Mapping[FunctionName, FunctionStats]:
        """Return the counters, as the gateway reads them."""
        return self.reader.read()

    def apply(self, *endpoints: Endpoint) -> None:
        """Route `hello` alone."""
        self.router.apply({HELLO: endpoints})

    def get(self, path: str = "/function/hello", **headers: str) -> Answer:
        return self.send("GET", path, None, **headers)

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            named = {key.replace("_", "-"): value for key, value in headers.items()}
            connection.request(method, path, body=body, headers=named)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def connect(self, timeout: float = 10) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def raw(self, data: bytes) -> bytes:
        """Send bytes, and return all that comes until the router closes the connection."""
        with self.connect() as connection:
            connection.sendall(data)
            with contextlib.suppress(OSError):  # it may have closed the connection already
                connection.shutdown(socket.SHUT_WR)
            return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    chunks = []
    with contextlib.suppress(ConnectionResetError):
        while chunk := connection.recv(1 << 16):
            chunks.append(chunk)
    return b"".join(chunks)


def say(text: str) -> None:
    """Print what a test measured; `pytest -rP` shows it."""
    sys.stdout.write(f"{text}\n")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def many(count: int, endpoint: Endpoint) -> Routes:
    return {FunctionName(name=f"fn-{number}"): [endpoint] for number in range(count)}


@dataclass(frozen=True)
class Load:
    """What `wrk` saw."""

    requests: int
    failed: int
    text: str


@contextlib.contextmanager
def load(port: int, *headers: str, seconds: int = 4, connections: int = 8) -> Iterator[list[Load]]:
    """Keep requests of `hello` coming while the body runs; the one item is what came of them."""
    extra = [word for header in headers for word in ("-H", header)]
    url = f"http://127.0.0.1:{port}/function/hello"
    command = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--latency"]
    process = subprocess.Popen([*command, *extra, url], stdout=subprocess.PIPE, text=True)
    seen: list[Load] = []
    try:
        yield seen
    finally:
        text, _ = process.communicate(timeout=60)
        seen.append(_parse_load(text))


def _parse_load(text: str) -> Load:
    requests = re.search(r"(\d+) requests in", text)
    errors = re.findall(r"(?:connect|read|write|timeout|3xx responses:?) (\d+)", text)
    assert requests, text
    return Load(int(requests[1]), sum(map(int, errors)), text)


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]
