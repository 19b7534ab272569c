"""The gateway's two HTTP applications: what is behind the router, and its metrics."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from faasd.gateway.alert import Alerts
from faasd.gateway.answers import Middleware, answer_failures
from faasd.gateway.async_tally import AsyncTally
from faasd.gateway.guesses import Guesses
from faasd.gateway.invocations import Counted, Described
from faasd.gateway.login import ask_for_login
from faasd.gateway.provider import ProviderClient
from faasd.gateway.relay import Relay
from faasd.gateway.ui import lead_to_page, show_page
from faasd.http.basic_auth import Login

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What the control application is made of; without a login nobody is asked for one."""

    provider: ProviderClient
    counted: Counted
    login: Login | None
    guesses: Guesses
    async_tally: AsyncTally


def create_control_app(parts: Control) -> web.Application:
    """Return `/system`, `/ui` and `/healthz`."""
    guards: list[Middleware] = [parts.async_tally.middleware(), answer_failures]
    if parts.login is not None:
        guards.append(ask_for_login(parts.login, parts.guesses))
    app = web.Application(middlewares=guards, logger=log)
    relay, described = Relay(parts.provider), Described(parts.provider, parts.counted)

    async def stop_relay(_app: web.Application) -> None:
        relay.stop()

    app.on_shutdown.append(stop_relay)
    add = app.router.add_route
    add("GET", "/healthz", _tell_health)
    add("GET", "/", lead_to_page)
    add("GET", "/ui", lead_to_page)
    add("GET", "/ui/{file:.*}", show_page)
    add("POST", "/system/alert", Alerts(parts.provider).take)
    add("GET", "/system/functions", described.describe)
    add("GET", "/system/function/{name}", described.describe)
    add("*", "/system/{path:.+}", relay.pass_on)
    return app


def create_metrics_app(render: Callable[[], Awaitable[bytes]]) -> web.Application:
    """Return `/metrics`, and `/healthz` beside it."""

    async def tell_metrics(_request: web.Request) -> web.Response:
        return web.Response(body=await render(), headers={"Content-Type": METRICS_TYPE})

    app = web.Application(middlewares=[answer_failures], logger=log)
    app.router.add_route("GET", "/metrics", tell_metrics)
    app.router.add_route("GET", "/healthz", _tell_health)
    return app


async def _tell_health(_request: web.Request) -> web.Response:
    return web.Response(text="OK")
