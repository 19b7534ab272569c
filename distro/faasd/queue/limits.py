"""How much the two streams keep."""

from collections.abc import Mapping
from dataclasses import dataclass

from faasd.queue.reading import Reader

MIB = 1024 * 1024
DAY = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """Bounds of the streams; durations in seconds, 0 is for ever.

    Attributes:
        queue_bytes: calls that wait; above, callers are told to come again.
        queue_age: after which a waiting call is dropped.
        dead_bytes: dead letters; above, the oldest are dropped.
        dead_age: after which a dead letter is dropped.
    """

    queue_bytes: int = 512 * MIB
    queue_age: float = 0.0
    dead_bytes: int = 128 * MIB
    dead_age: float = 7 * DAY


def read_limits(environment: Mapping[str, str]) -> StreamLimits:
    """Read them.

    Raises:
        InvalidInput: one is wrong; the sentence names it.
    """
    default = StreamLimits()
    get = Reader(environment)
    return StreamLimits(
        queue_bytes=get.memory("queue_max_bytes", default.queue_bytes),
        queue_age=get.seconds("queue_max_age", default.queue_age),
        dead_bytes=get.memory("dead_max_bytes", default.dead_bytes),
        dead_age=get.seconds("dead_max_age", default.dead_age),
    )
