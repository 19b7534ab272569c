"""What is in the queue now, by function."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from nats.js.api import StreamState

from faasd.queue.connection import Connection
from faasd.queue.names import ASYNC_STREAM, DEAD_STREAM, function_key

_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionLine:
    """Counts of one function."""

    key: str
    waiting: int
    in_flight: int
    dead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The whole queue.

    Attributes:
        size: bytes of the waiting calls; ``size_most`` is where callers are refused.
    """

    pending: int
    dead: int
    size: int
    size_most: int
    functions: tuple[FunctionLine, ...]


async def look(connection: Connection, in_flight: Mapping[str, int]) -> Overview:
    """Ask JetStream.

    Raises:
        nats.errors.Error: it does not answer.
        Unavailable: there is no connection to NATS.
    """
    await connection.wait_up(_SECONDS)
    jetstream = connection.jetstream(_SECONDS)
    queued = await jetstream.stream_info(ASYNC_STREAM, subjects_filter=">")
    dead = await jetstream.stream_info(DEAD_STREAM, subjects_filter=">")
    return Overview(
        pending=queued.state.messages,
        dead=dead.state.messages,
        size=queued.state.bytes,
        size_most=queued.config.max_bytes or 0,
        functions=_lines(_by_function(queued.state), in_flight, _by_function(dead.state)),
    )


def _by_function(state: StreamState) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    for subject, count in (state.subjects or {}).items():
        counts[function_key(subject)] += count
    return counts


def _lines(
    queued: Mapping[str, int], in_flight: Mapping[str, int], dead: Mapping[str, int]
) -> tuple[FunctionLine, ...]:
    return tuple(
        FunctionLine(
            key=key,
            waiting=max(0, queued.get(key, 0) - in_flight.get(key, 0)),
            in_flight=in_flight.get(key, 0),
            dead=dead.get(key, 0),
        )
        for key in sorted({*queued, *in_flight, *dead})
    )
