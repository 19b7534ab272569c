"""A gateway in a thread of its own, asked as clients ask it."""

import asyncio
import base64
import contextlib
import http.client
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from faasd.gateway.app import Control, create_control_app, create_metrics_app
from faasd.gateway.async_tally import AsyncTally
from faasd.gateway.counting import Counting
from faasd.gateway.guesses import Guesses
from faasd.gateway.provider import ProviderClient
from faasd.gateway.run import Gateway, serve
from faasd.gateway.settings import GatewaySettings
from faasd.http.basic_auth import Login
from tests.machine.processes import wait_until
from tests.unit.gateway.twins import MemoryCounts, MemoryPart, MemoryRoutes

LOGIN = Login(user=b"admin", password=b"secret")
RIGHT = "Basic " + base64.b64encode(b"admin:secret").decode()
WRONG = "Basic " + base64.b64encode(b"admin:guess").decode()


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class RunningGateway:
    """Counters, routes and clock are the test's."""

    provider_url: str
    timeout: float = 5.0
    login: Login | None = LOGIN
    grace: float = 1.0
    now: float = 1000.0
    counts: MemoryCounts = field(default_factory=MemoryCounts)
    routes: MemoryRoutes = field(default_factory=MemoryRoutes)
    activator: MemoryPart = field(default_factory=MemoryPart)
    publisher: MemoryPart = field(default_factory=MemoryPart)
    directory: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="gateway")))
    failure: BaseException | None = None
    taken: int = 0
    """A port to ask for instead of a free one."""

    def start(self) -> None:
        self.settings = GatewaySettings(
            bind_host="127.0.0.1",
            control_port=self.taken or free_port(),
            metrics_port=free_port(),
            router_dir=self.directory,
            state_dir=self.directory,
            grace=self.grace,
        )
        self._began = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gateway")
        self._thread.start()
        assert self._began.wait(10)
        wait_until(lambda: self.failure is not None or self._answers(), 10, "the gateway")

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, None, **headers)

    def send(
        self, method: str, path: str, body: bytes | Iterator[bytes] | None = None, **headers: str
    ) -> Answer:
        """Ask with the right login, unless the headers say another; "" sends none."""
        with self.asking(method, path, body, **headers) as answer:
            return Answer(answer.status, answer.headers, answer.read())

    @contextlib.contextmanager
    def asking(
        self, method: str, path: str, body: bytes | Iterator[bytes] | None = None, **headers: str
    ) -> Iterator[http.client.HTTPResponse]:
        """Give an answer whose head has come; leave it as it is afterwards."""
        named = {"Authorization": RIGHT}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        named = {name: value for name, value in named.items() if value}
        connection = http.client.HTTPConnection("127.0.0.1", self.settings.control_port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=named)
            yield connection.getresponse()

    def metrics(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.settings.metrics_port, timeout=20)
        with contextlib.closing(connection):
            connection.request("GET", "/metrics")
            return connection.getresponse().read().decode()

    def figure(self, line: str) -> float | None:
        """Return what stands behind the name and labels of a metric."""
        found = [each for each in self.metrics().splitlines() if each.startswith(f"{line} ")]
        return float(found[0].rpartition(" ")[2]) if found else None

    def _answers(self) -> bool:
        try:
            self.metrics()
        except OSError:
            return False
        return True

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # noqa: BLE001  # the test judges it
            self.failure = error

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._began.set()
        counting = Counting(self.counts, self.directory, self.directory, every=0.1)
        provider = ProviderClient(self.provider_url, LOGIN, timeout=self.timeout)
        tally = AsyncTally()
        control = Control(
            provider=provider,
            counted=counting.book,
            login=self.login,
            guesses=Guesses(most=3, clock=lambda: self.now),
            async_tally=tally,
        )
        gateway = Gateway(
            settings=self.settings,
            control=create_control_app(control),
            counting=counting,
            routes=self.routes,
            listeners=(self.activator,),
            connections=(self.publisher,),
            sources=(tally.metrics,),
        )
        try:
            await serve(gateway, create_metrics_app(gateway.metrics), self._stop)
        finally:
            await provider.close()
