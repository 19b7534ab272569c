"""A real HAProxy, an activator behind it, and a provider in memory that wakes one function."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import TypeVar

from faasd.gateway.activator import Activator
from faasd.gateway.activator_settings import ActivatorSettings
from faasd.gateway.activator_waker import ProviderWaker
from faasd.gateway.provider import ProviderClient
from faasd.gateway.route_feed import RouteEntry
from faasd.gateway.routes import Routes
from tests.machine.processes import wait_until
from tests.node.router.origin import Origin
from tests.node.router.running import RunningRouter
from tests.unit.gateway.activat_provider import LOGIN, MemoryProvider, entry, ready

KEY = "hello.openfaas-fn"
ASLEEP = entry("hello")
STARTING = entry("hello", replicas=1, state="starting")
AWAKE = ready("127.0.0.1", name="hello")

Result = TypeVar("Result")


class ColdRouter(RunningRouter):
    """Routes `hello`, which sleeps; `hello.port` is where its replica will listen."""

    def __init__(self, hello: Origin, settings: ActivatorSettings | None = None) -> None:
        super().__init__()
        self.hello = hello
        self.apply()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="activator")
        self._thread.start()
        self.activator.stop_listening()
        self._limits = settings or ActivatorSettings(grace=0.1, replica_port=hello.port)
        self.run(self._open())
        wait_until(lambda: self.routes.synced, 10, "the routes are known")

    def run(self, work: Coroutine[None, None, Result]) -> Result:
        """Do something in the activator's event loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def call(self, function: Callable[..., object], *arguments: object) -> None:
        """Call something in the activator's event loop."""

        async def calling() -> None:
            function(*arguments)

        self.run(calling())

    def tell(self, *entries: RouteEntry) -> None:
        """Let the provider tell what there is, and wait until it is known."""
        self.call(self.provider.put, *entries)
        wait_until(lambda: self.routes.find(KEY) == entries[-1], 10, "it is known")

    def wake_when_asked(self, after: float = 0.05) -> None:
        """As the provider does: the router is told, then the gateway."""

        def wake(_: str) -> None:
            self.provider.put(STARTING)
            self._loop.call_later(after, self._start)

        self.provider.wake = wake

    def close_activator(self) -> None:
        self.run(self.served.close())

    def close(self) -> None:
        self.run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        super().close()

    def _start(self) -> None:
        self.apply(self.hello.endpoint)
        self.provider.put(AWAKE)

    async def _open(self) -> None:
        self.provider = await MemoryProvider().start()
        self.provider.put(ASLEEP)
        self.client = ProviderClient(self.provider.url, LOGIN, timeout=5)
        self.routes = Routes(self.provider.url, LOGIN)
        self._following = asyncio.create_task(self.routes.run())
        self.served = Activator(self.routes, ProviderWaker(self.client), self._limits)
        await self.served.start("127.0.0.1", self.activator.port)

    async def _close(self) -> None:
        await self.served.close()
        self._following.cancel()
        await asyncio.wait((self._following,))
        await self.client.close()
        await self.provider.stop()
        await asyncio.sleep(0.05)  # closed transports take a turn of the loop to be gone
