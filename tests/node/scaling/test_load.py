"""Replicas follow the load, through HAProxy's own counters."""

import time

from tests.machine.processes import wait_until
from tests.node.router.running import load, say
from tests.node.scaling.place import SOON, ScalingNode, holds

PREFIX = "com.openfaas.scale."
RPS = {f"{PREFIX}type": "rps", f"{PREFIX}target": "5", f"{PREFIX}max": "6", f"{PREFIX}factor": "50"}


def test_a_load_brings_replicas_within_two_seconds_and_its_end_takes_them(
    place: ScalingNode,
) -> None:
    place.deploy("hello", RPS)
    place.deploy("other", {})
    assert holds(lambda: place.replicas("hello") == 1, 3)
    with load(place.port, seconds=12, connections=4) as seen:
        took = wait_until(lambda: place.replicas("hello") > 1, SOON, "more replicas")
        place.wait_replicas("hello", 6)
        assert holds(lambda: place.replicas("hello") == 6, 5)
    ended = time.monotonic()
    place.wait_replicas("hello", 1, 150)
    shrunk = time.monotonic() - ended
    say(f"acted {took:.2f} s after the load began; {shrunk:.0f} s after its end at one again")
    say(f"{seen[0].requests} requests, {seen[0].failed} failed")

    assert took <= 2
    assert 50 < shrunk < 120
    assert seen[0].failed == 0
    assert place.replicas("other") == 1


def test_calls_in_flight_count_where_the_label_says_so(place: ScalingNode) -> None:
    labels = {f"{PREFIX}type": "capacity", f"{PREFIX}target": "1", f"{PREFIX}max": "3"}
    place.deploy("hello", labels)
    streams = [place.half_call("hello") for _ in range(6)]
    place.wait_replicas("hello", 3)
    for stream in streams:
        stream.close()


def test_nothing_is_scaled_while_the_counters_cannot_be_read(place: ScalingNode) -> None:
    place.deploy("hello", RPS)
    place.freeze_router()
    with load(place.port, seconds=5, connections=2):
        assert holds(lambda: place.replicas("hello") == 1, 4.5)
    place.thaw_router()


def test_what_a_person_scaled_to_is_kept_and_more_is_given(place: ScalingNode) -> None:
    place.deploy("hello", RPS)
    place.scale("hello", 3)
    assert holds(lambda: place.replicas("hello") == 3, 5)
    with load(place.port, seconds=8, connections=2):
        place.wait_replicas("hello", 6, 8)
    place.scale("hello", 0)
    assert holds(lambda: place.replicas("hello") == 0, 4)


def test_a_gateway_that_starts_anew_goes_on_without_a_jump(place: ScalingNode) -> None:
    place.deploy("hello", RPS)
    with load(place.port, seconds=25, connections=2) as seen:
        place.wait_replicas("hello", 6, 15)
        place.gateway.stop()
        place.gateway.start()
        assert holds(lambda: place.replicas("hello") == 6, 8)
    assert seen[0].failed == 0
    assert holds(lambda: place.replicas("hello") == 6, 10)
