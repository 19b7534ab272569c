"""Puts right what a NATS that was killed leaves behind.

It writes down by itself which calls are done and which messages are there. Killed in between, it
keeps messages of calls that are done (they are never given out, and fill the stream), and after a
power cut its consumer may be ahead of the stream (new messages would never be given out).

The done ones are deleted one by one: a purge makes NATS forget which calls are in flight (seen with
2.9.10), and those of a worker that dies would never come again.
"""

import asyncio
import logging
from dataclasses import dataclass

import nats.errors
from nats.js.api import ConsumerConfig
from nats.js.client import JetStreamContext

from faasd.queue.connection import Connection
from faasd.queue.names import ASYNC_STREAM, CONSUMER

log = logging.getLogger(__name__)

_EVERY = 5.0
_SECONDS = 3.0
_AT_MOST = 2_000
"""Messages that one look drops: a few seconds' work beside the calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """Sequence numbers of stream and consumer.

    Attributes:
        first, last: of the messages that are there.
        held: how many are.
        done: up to there all calls are done.
        given: up to there messages were given out.
        in_flight: calls that were given out and are not done.
    """

    first: int
    last: int
    held: int
    done: int
    given: int
    in_flight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Drop the messages up to a sequence number."""

    up_to: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginAnew:
    """Make the consumer anew: all that is there is given out."""


def decide_mending(found: Positions) -> Drop | BeginAnew | None:
    """Decide what to put right.

    `found` is of the consumer first and of the stream after it: a message that came in between is
    past what was given.
    """
    if found.given > found.last:
        return BeginAnew()
    if found.held and found.first <= found.done:
        return Drop(up_to=found.done)
    if found.held and not found.in_flight and found.given == found.last:
        return BeginAnew()  # all was given out and nothing is in flight, yet not all is done
    return None


async def mend(connection: Connection, config: ConsumerConfig) -> None:
    """Look, and put right.

    Raises:
        nats.errors.Error: NATS does not do it.
    """
    jetstream = connection.jetstream(_SECONDS)
    consumer = await jetstream.consumer_info(ASYNC_STREAM, CONSUMER)
    stream = (await jetstream.stream_info(ASYNC_STREAM)).state
    done, given = _sequence(consumer.ack_floor), _sequence(consumer.delivered)
    match decide_mending(
        Positions(
            first=stream.first_seq,
            last=stream.last_seq,
            held=stream.messages,
            done=done,
            given=given,
            in_flight=consumer.num_ack_pending or 0,
        )
    ):
        case Drop(up_to=up_to):
            log.info("NATS kept calls that are done, up to message %d; dropping them", up_to)
            await _drop(jetstream, stream.first_seq, up_to)
        case BeginAnew():
            log.warning("NATS lost track of its messages; giving out anew all that it has")
            await jetstream.delete_consumer(ASYNC_STREAM, CONSUMER)
            await jetstream.add_consumer(ASYNC_STREAM, config)
        case None:
            pass


async def _drop(jetstream: JetStreamContext, first: int, up_to: int) -> None:
    for _ in range(_AT_MOST):
        await jetstream.delete_msg(ASYNC_STREAM, first)
        stream = (await jetstream.stream_info(ASYNC_STREAM)).state
        first = stream.first_seq
        if not stream.messages or first > up_to:
            return


async def keep_mended(connection: Connection, config: ConsumerConfig) -> None:
    """Look every few seconds, for ever: calls in flight can be in the way of an earlier look."""
    while True:
        await asyncio.sleep(_EVERY)
        if connection.is_up:
            try:
                await mend(connection, config)
            except (nats.errors.Error, OSError) as error:
                log.debug("could not look after the stream: %s", error)


def _sequence(info: object) -> int:
    """Return the stream's sequence number; nats-py gives what the server said as it is."""
    value = info.get("stream_seq", 0) if isinstance(info, dict) else getattr(info, "stream_seq", 0)
    return int(value)
