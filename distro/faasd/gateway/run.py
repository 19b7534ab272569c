"""The gateway as a program: three listeners, what runs beside them, and a clean end."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from faasd.gateway.counting import Counting
from faasd.gateway.metrics import Source, Wants, take_snapshot
from faasd.gateway.settings import GatewaySettings
from faasd.gateway.site import Site

_END = 1.0
"""Seconds that what is left has to end after the grace."""

log = logging.getLogger(__name__)


class Part(Protocol):
    """Something that listens or is connected: the activator, the publisher."""

    async def start(self) -> None:
        """Begin."""

    async def close(self) -> None:
        """End; what is in flight gets its grace."""


class Routes(Wants, Protocol):
    """What is told of functions as it changes: `faasd.gateway.routes.Routes`."""

    async def run(self) -> None:
        """Follow the provider, for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """All that runs."""

    settings: GatewaySettings
    control: web.Application
    counting: Counting
    routes: Routes
    listeners: Sequence[Part]
    """Beside the applications: the activator."""
    connections: Sequence[Part]
    """What those need until their last request is answered: the publisher."""
    sources: Sequence[Source] = ()

    async def metrics(self) -> bytes:
        """Return the figures as Prometheus reads them."""
        snapshot = take_snapshot(self.counting.book, self.routes, self.sources)
        return await asyncio.to_thread(snapshot.render)


async def serve(gateway: Gateway, metrics: web.Application, stop: asyncio.Event) -> None:
    """Run until `stop`, then end within the grace and a second.

    Raises:
        Unavailable: an address cannot be bound, or the router's directory not be used.
    """
    settings, host = gateway.settings, gateway.settings.bind_host
    async with contextlib.AsyncExitStack() as stack:
        tasks = [
            _begin(stack, gateway.routes.run(), "routes"),
            _begin(stack, gateway.counting.run(), "counting"),
        ]
        for connection in gateway.connections:
            await connection.start()
            stack.push_async_callback(connection.close)
        listeners = [
            *gateway.listeners,
            Site(gateway.control, (host, settings.control_port), grace=settings.grace),
            Site(metrics, (host, settings.metrics_port), grace=settings.grace),
        ]
        stack.push_async_callback(_close_all, listeners, settings.grace + _END)
        for listener in listeners:
            await listener.start()
        log.info("the gateway listens at %s:%d", host, settings.control_port)
        await _wait(stop, tasks)
        log.info("the gateway ends")


async def _close_all(listeners: Sequence[Part], seconds: float) -> None:
    """Close all at once, so that they have the same grace."""
    closing = [asyncio.ensure_future(listener.close()) for listener in listeners]
    done, late = await asyncio.wait(closing, timeout=seconds)
    for task in late:
        task.cancel()
    for task in done:
        if (error := task.exception()) is not None:
            log.error("a listener did not close cleanly", exc_info=error)


async def _wait(stop: asyncio.Event, tasks: Sequence["asyncio.Task[None]"]) -> None:
    """Return when told to stop; raise what a task ended of, which none should."""
    stopping = asyncio.ensure_future(stop.wait())
    try:
        done, _ = await asyncio.wait((stopping, *tasks), return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        stopping.cancel()


def _begin(
    stack: contextlib.AsyncExitStack, work: Coroutine[None, None, None], name: str
) -> "asyncio.Task[None]":
    task = asyncio.create_task(work, name=name)

    async def end() -> None:
        task.cancel()
        await asyncio.wait((task,))

    stack.push_async_callback(end)
    return task
