"""Makes the streams in JetStream: whoever comes first."""

from contextlib import suppress

from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import BadRequestError, NotFoundError

from faasd.queue.limits import StreamLimits
from faasd.queue.names import ASYNC_STREAM, ASYNC_SUBJECTS, DEAD_STREAM, DEAD_SUBJECTS

REPEATED_WITHIN = 120.0
"""Seconds in which a message with the identifier of an earlier one is not taken again."""

_EXISTS = 10058
"""JetStream's error: a stream of that name exists, with another configuration."""


def stream_configs(limits: StreamLimits) -> tuple[StreamConfig, StreamConfig]:
    """Return the configurations of the stream of calls and of that of dead letters."""
    return (
        StreamConfig(
            name=ASYNC_STREAM,
            subjects=[ASYNC_SUBJECTS],
            retention=RetentionPolicy.WORK_QUEUE,
            storage=StorageType.FILE,
            discard=DiscardPolicy.NEW,
            max_bytes=limits.queue_bytes,
            max_age=limits.queue_age,
            duplicate_window=REPEATED_WITHIN,
        ),
        StreamConfig(
            name=DEAD_STREAM,
            subjects=[DEAD_SUBJECTS],
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            discard=DiscardPolicy.OLD,
            max_bytes=limits.dead_bytes,
            max_age=limits.dead_age,
            duplicate_window=REPEATED_WITHIN,
            allow_direct=True,
        ),
    )


async def make_streams(jetstream: JetStreamContext, limits: StreamLimits) -> None:
    """Make the streams that are missing; those there are stay as they are."""
    for config in stream_configs(limits):
        if not await _is_there(jetstream, config):
            with suppress(BadRequestError):
                await jetstream.add_stream(config)


async def set_streams(jetstream: JetStreamContext, limits: StreamLimits) -> None:
    """Make the streams that are missing, and give those there are these limits."""
    for config in stream_configs(limits):
        if await _is_there(jetstream, config):
            await jetstream.update_stream(config)
            continue
        try:
            await jetstream.add_stream(config)
        except BadRequestError as error:  # somebody else was quicker
            if error.err_code != _EXISTS:
                raise
            await jetstream.update_stream(config)


async def _is_there(jetstream: JetStreamContext, config: StreamConfig) -> bool:
    """Tell whether there is a stream of this name.

    Making it is no way to ask: NATS first looks whether the disk has room for a second one.
    """
    try:
        await jetstream.stream_info(config.name or "")
    except NotFoundError:
        return False
    return True
