"""Settings of the streams."""

import pytest

from faasd.base.errors import InvalidInput
from faasd.queue.limits import StreamLimits, read_limits
from faasd.queue.streams import stream_configs


def test_an_empty_environment_gives_limits_that_work() -> None:
    assert read_limits({"queue_max_bytes": " "}) == StreamLimits()


def test_limits_are_read() -> None:
    limits = read_limits({"queue_max_bytes": "1Gi", "queue_max_age": "2h", "dead_max_age": "0"})
    assert (limits.queue_bytes, limits.queue_age, limits.dead_age) == (1 << 30, 7200, 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [("queue_max_bytes", "0"), ("queue_max_age", "soon"), ("dead_max_age", "8000h")],
)
def test_a_wrong_limit_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=name):
        read_limits({name: value})


def test_calls_are_refused_and_dead_letters_are_dropped_when_there_are_too_many() -> None:
    queued, dead = stream_configs(StreamLimits(queue_bytes=5, dead_bytes=6))
    assert (queued.discard, queued.max_bytes, queued.retention) == ("new", 5, "workqueue")
    assert (dead.discard, dead.max_bytes) == ("old", 6)
