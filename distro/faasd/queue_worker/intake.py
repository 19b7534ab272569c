"""Takes messages from the consumer: as many as there are free places, no more."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import suppress

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import AckPolicy, ConsumerConfig, Header, StatusCode

from faasd.queue.connection import Connection
from faasd.queue.names import ASYNC_STREAM, CONSUMER
from faasd.queue_worker.places import Places

log = logging.getLogger(__name__)

ASK_SECONDS = 10.0
"""How long the server keeps a request for messages that are not there yet."""

RETRIES_WAITING = 20_000
"""Calls that were begun and wait to be made again; with more, no new ones are begun."""

_LATE_SECONDS = 1.0
_PAUSE = 0.25
_NEXT = f"$JS.API.CONSUMER.MSG.NEXT.{ASYNC_STREAM}.{CONSUMER}"


def consumer_config(ack_wait: float) -> ConsumerConfig:
    """Return the consumer: one for all workers, tries are counted by the worker, not by NATS."""
    return ConsumerConfig(
        durable_name=CONSUMER,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ack_wait,
        max_deliver=-1,
        max_ack_pending=RETRIES_WAITING,
    )


class Intake:
    """Asks for messages, one request at a time.

    nats-py's own fetch waits for a whole batch, or for one message at a time: neither starts the
    first of several at once and leaves no place empty.
    """

    def __init__(self, connection: Connection, places: Places, ack_wait: float) -> None:
        self._connection = connection
        self._places = places
        self._config = consumer_config(ack_wait)
        self._arrived: asyncio.Queue[Msg | None] = asyncio.Queue()
        self._client: Client | None = None
        self._subscription: Subscription | None = None
        self._inbox = ""
        self._asked = False
        self._stopped = False
        connection.on_connected(self._prepare)

    async def messages(self) -> AsyncIterator[Msg]:
        """Give messages, each when there is a place for it, until `stop`."""
        while True:
            free = await self._places.wait_free()
            if self._stopped:
                return
            if not await self._ask(free):
                await asyncio.sleep(_PAUSE)
                continue
            self._asked = True
            async for message in self._answered(free):
                yield message
            self._asked = False

    async def stop(self) -> None:
        """Ask for no more; what came and was not given goes back to the server."""
        self._stopped = True
        if self._subscription is None:
            return
        with suppress(nats.errors.Error, OSError):
            await self._subscription.unsubscribe()
            while not self._arrived.empty():
                message = self._arrived.get_nowait()
                if message is not None and message.reply:
                    await message.nak()

    async def _prepare(self) -> None:
        """Make consumer and subscription where they are missing.

        A request that was open is lost with its connection: None in the queue ends the wait.
        """
        await self._connection.jetstream().add_consumer(ASYNC_STREAM, self._config)
        client = self._connection.client
        if self._client is not client:
            self._inbox = client.new_inbox()
            self._subscription = await client.subscribe(self._inbox, cb=self._arrived.put)
            self._client = client
        if self._asked:
            await self._arrived.put(None)

    async def _ask(self, count: int) -> bool:
        """Ask for `count` messages; tell whether it could be asked."""
        request = {"batch": count, "expires": int(ASK_SECONDS * 1e9)}
        if self._client is None or not self._connection.is_up:
            return False
        try:
            await self._client.publish(_NEXT, json.dumps(request).encode(), self._inbox)
        except (nats.errors.Error, OSError):
            return False
        return True

    async def _answered(self, count: int) -> AsyncIterator[Msg]:
        """Give up to `count` messages: until the request ends."""
        clock = asyncio.get_running_loop().time
        until = clock() + ASK_SECONDS + _LATE_SECONDS
        while count > 0:
            try:
                message = await asyncio.wait_for(self._arrived.get(), until - clock())
            except TimeoutError:
                return
            if message is None or not message.reply:
                await self._understand(message)
                return
            count -= 1
            yield message
            await self._places.wait_free()

    async def _understand(self, message: Msg | None) -> None:
        """Look at why a request ended; where the consumer is missing, make it."""
        status = ((message and message.headers) or {}).get(Header.STATUS.value, "")
        if status != StatusCode.SERVICE_UNAVAILABLE.value:
            return
        log.warning("NATS has no consumer for the queue; making it")
        try:
            await self._connection.jetstream().add_consumer(ASYNC_STREAM, self._config)
        except (nats.errors.Error, OSError) as error:
            log.warning("the queue's consumer could not be made: %s", error)
            await asyncio.sleep(_PAUSE)
