"""Puts the worker together, and runs it until SIGTERM."""

import asyncio
import gc
import logging
import random
import signal
from collections.abc import Sequence

from aiohttp import ClientSession, web

from faasd.http.basic_auth import find_login
from faasd.queue.connection import Connection
from faasd.queue.streams import set_streams
from faasd.queue_worker.admin import Admin
from faasd.queue_worker.callback import Callbacks
from faasd.queue_worker.dead import DeadLetters
from faasd.queue_worker.delivery import Delivery
from faasd.queue_worker.function import Functions, open_session
from faasd.queue_worker.intake import Intake, consumer_config
from faasd.queue_worker.mending import keep_mended
from faasd.queue_worker.metrics import Metrics
from faasd.queue_worker.places import Places
from faasd.queue_worker.settings import WorkerSettings
from faasd.queue_worker.worker import Worker

log = logging.getLogger(__name__)


def run(settings: WorkerSettings) -> None:
    """Work until SIGTERM or SIGINT.

    Raises:
        OSError: its port is taken.
    """
    gc.freeze()
    asyncio.run(_run(settings))


async def _run(settings: WorkerSettings) -> None:
    login = find_login(settings.secrets)
    connection = Connection(settings.nats_url, "faasd-queue-worker", login)

    async def prepare_streams() -> None:
        await set_streams(connection.jetstream(), settings.limits)

    connection.on_connected(prepare_streams)
    async with open_session() as session:
        metrics, dead = Metrics(), DeadLetters(connection)
        places = Places(settings.max_inflight)
        intake = Intake(connection, places, settings.ack_wait)
        delivery = _make_delivery(settings, session, dead, metrics)
        worker = Worker(intake, places, delivery, metrics)
        admin = Admin(
            connection=connection,
            dead_letters=dead,
            metrics=metrics,
            in_flight=worker.in_flight,
            secrets=settings.secrets,
        )
        await _serve(settings, admin, connection, worker)


def _make_delivery(
    settings: WorkerSettings, session: ClientSession, dead: DeadLetters, metrics: Metrics
) -> Delivery:
    return Delivery(
        settings=settings,
        functions=Functions(
            session,
            settings.gateway_url,
            silence=settings.call_timeout,
            reach=settings.reach_timeout,
        ),
        callbacks=Callbacks(session, settings.callback, random.random),
        dead_letters=dead,
        metrics=metrics,
    )


async def _serve(
    settings: WorkerSettings, admin: Admin, connection: Connection, worker: Worker
) -> None:
    runner = web.AppRunner(admin.app(), access_log=None)
    await runner.setup()
    tasks: list[asyncio.Task[None]] = []
    try:
        await web.TCPSite(runner, settings.bind_host, settings.port).start()
        tasks += [
            asyncio.create_task(connection.run()),
            asyncio.create_task(worker.run()),
            asyncio.create_task(keep_mended(connection, consumer_config(settings.ack_wait))),
            asyncio.create_task(_until_told_to_stop()),
        ]
        log.info("working off the queue, %d calls at once", settings.max_inflight)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        await worker.stop(settings.grace)
    finally:
        await _end(tasks)
        await runner.cleanup()


async def _until_told_to_stop() -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await stopping.wait()


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """End the tasks; the first that failed by itself is raised."""
    for task in tasks:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error
