"""Keeps the places filled: a task for each call in flight."""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

import nats.errors
from nats.aio.msg import Msg

from faasd.queue.names import function_key
from faasd.queue_worker.delivery import Delivery
from faasd.queue_worker.intake import Intake
from faasd.queue_worker.metrics import Metrics
from faasd.queue_worker.places import Places

log = logging.getLogger(__name__)

_BEATS = 3
"""Signs of life in the time after which NATS would give a call to another worker."""


class Worker:
    """Takes messages while there are places, and delivers each in a task of its own."""

    def __init__(
        self, intake: Intake, places: Places, delivery: Delivery, metrics: Metrics
    ) -> None:
        self._intake = intake
        self._places = places
        self._delivery = delivery
        self._metrics = metrics
        self._in_flight: dict[asyncio.Task[None], Msg] = {}

    def in_flight(self) -> Mapping[str, int]:
        """Return how many calls are being made, by function."""
        return Counter(function_key(message.subject) for message in self._in_flight.values())

    async def run(self) -> None:
        """Work until cancelled; calls in flight go on."""
        beating = asyncio.create_task(self._beat())
        try:
            async for message in self._intake.messages():
                self._places.take()
                task = asyncio.create_task(self._handle(message))
                self._in_flight[task] = message
                task.add_done_callback(self._forget)
                self._metrics.in_flight(self._places.taken)
        finally:
            beating.cancel()

    async def stop(self, grace: float) -> None:
        """Take no more, give calls in flight `grace` seconds, and the rest back to the queue."""
        await self._intake.stop()
        beating = asyncio.create_task(self._beat())
        if self._in_flight:
            log.info("waiting for %d calls in flight", len(self._in_flight))
            await asyncio.wait(tuple(self._in_flight), timeout=grace)
        beating.cancel()
        left = dict(self._in_flight)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if left:
            log.warning("%d calls were not finished; they are made again", len(left))

    async def _handle(self, message: Msg) -> None:
        """Deliver; whatever ends it early, the message goes back at once."""
        try:
            await self._delivery.deliver(message)
        except asyncio.CancelledError:
            await _give_back(message)
            raise
        except (nats.errors.Error, OSError) as error:
            log.warning("a call could not be settled, it comes again: %s", error)
        except Exception:
            log.exception("a call failed here; it comes again")
            await _give_back(message)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._in_flight.pop(task, None)
        self._places.free()
        self._metrics.in_flight(self._places.taken)

    async def _beat(self) -> None:
        """Tell NATS that calls are still being made."""
        while True:
            await asyncio.sleep(self._delivery.settings.ack_wait / _BEATS)
            for message in tuple(self._in_flight.values()):
                if not message.is_acked:
                    with suppress(nats.errors.Error, OSError):
                        await message.in_progress()


async def _give_back(message: Msg) -> None:
    if not message.is_acked:
        with suppress(nats.errors.Error, OSError):
            await message.nak()
