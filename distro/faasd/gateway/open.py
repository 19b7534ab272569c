"""Puts the gateway together."""

import asyncio
import contextlib
import gc
import signal
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from faasd.gateway.activator import Activator
from faasd.gateway.activator_settings import ActivatorSettings
from faasd.gateway.activator_waker import ProviderWaker
from faasd.gateway.app import Control, create_control_app, create_metrics_app
from faasd.gateway.async_function import add_async_routes
from faasd.gateway.async_tally import AsyncTally
from faasd.gateway.autoscaler.autoscaler import Autoscaler
from faasd.gateway.autoscaler.cpu import Cpu
from faasd.gateway.autoscaler.figures import scaling_figures
from faasd.gateway.autoscaler.hand import ProviderHand
from faasd.gateway.autoscaler.obstacles import KnownObstacles
from faasd.gateway.cold_figures import cold_figures
from faasd.gateway.counting import Counting
from faasd.gateway.guesses import Guesses
from faasd.gateway.provider import ProviderClient
from faasd.gateway.publisher import Publisher, read_publisher_settings
from faasd.gateway.routes import Routes
from faasd.gateway.run import Gateway, serve
from faasd.gateway.settings import GatewaySettings, read_settings
from faasd.http.basic_auth import Login, read_login
from faasd.router.counts import Counts

ROUTER_TALLY = "router.json"
KEEP = 60.0
"""Seconds for which the next wake spares itself a connection: the provider keeps them for 75."""


def run(environment: Mapping[str, str]) -> None:
    """Run the gateway until SIGTERM or SIGINT.

    Raises:
        InvalidInput: a setting is wrong, or the login is missing.
        Unavailable: an address cannot be bound, or the router's directory not be used.
    """
    settings = read_settings(environment)
    login = read_login(settings.login_directory) if settings.basic_auth else None
    gc.freeze()
    asyncio.run(_run(settings, login, environment))


async def _run(
    settings: GatewaySettings, login: Login | None, environment: Mapping[str, str]
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with opened(settings, login, environment) as gateway:
        await serve(gateway, create_metrics_app(gateway.metrics), stop)


@contextlib.asynccontextmanager
async def opened(
    settings: GatewaySettings, login: Login | None, environment: Mapping[str, str]
) -> AsyncIterator[Gateway]:
    """Give the gateway's parts, put together; the publisher has settings of its own.

    Raises:
        InvalidInput: a setting of the publisher is wrong.
    """
    publisher = Publisher(read_publisher_settings(environment), login)
    provider = ProviderClient(settings.provider_url, login, timeout=settings.provider_timeout)
    routes = Routes(settings.provider_url, login)
    counting = _make_counting(settings)
    wakes = ProviderClient(
        settings.provider_url, login, timeout=settings.provider_timeout, keep=KEEP
    )
    waker = ProviderWaker(wakes)
    obstacles = KnownObstacles(publisher, settings.router_dir / "master.sock")
    cpu = Cpu(routes, provider)
    hand = ProviderHand(provider, waker)
    autoscaler = Autoscaler(routes, hand, obstacles, find_cpu=cpu.find)
    counting.followers.append(autoscaler.look)
    activator = Activator(
        routes,
        waker,
        ActivatorSettings(wait_seconds=settings.activation_timeout, grace=settings.grace),
    )
    tally = AsyncTally()
    control = create_control_app(
        Control(
            provider=provider,
            counted=counting.book,
            login=login,
            guesses=Guesses(most=settings.guesses, clock=time.monotonic),
            async_tally=tally,
        )
    )
    add_async_routes(control, publisher, routes)
    try:
        yield Gateway(
            settings=settings,
            control=control,
            counting=counting,
            routes=routes,
            listeners=(_Listening(activator, settings),),
            connections=(publisher, cpu, autoscaler),
            sources=(
                tally.metrics,
                lambda: cold_figures(activator),
                lambda: scaling_figures(autoscaler.done),
            ),
        )
    finally:
        await provider.close()
        await wakes.close()


def _make_counting(settings: GatewaySettings) -> Counting:
    counts = Counts(settings.router_dir / "admin.sock", settings.state_dir / ROUTER_TALLY)
    return Counting(counts, settings.router_dir, settings.state_dir)


@dataclass(frozen=True, slots=True)
class _Listening:
    """The activator, at its address."""

    activator: Activator
    settings: GatewaySettings

    async def start(self) -> None:
        """Listen."""
        await self.activator.start(self.settings.bind_host, self.settings.activator_port)

    async def close(self) -> None:
        """Let callers under way end, and listen no more."""
        await self.activator.close()
