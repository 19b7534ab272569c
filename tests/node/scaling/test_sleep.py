"""A function that nobody calls sleeps; no caller ever notices."""

import random
import threading
import time

from tests.machine.processes import wait_until
from tests.node.router.running import say
from tests.node.scaling.place import IDLE, SLEEPY, SOON, ScalingNode, holds

ZERO = {"com.openfaas.scale.zero": "true"}


def test_an_idle_function_sleeps_and_its_first_call_is_answered(place: ScalingNode) -> None:
    place.deploy("echo", SLEEPY)
    place.deploy("other", {})
    took = place.wait_replicas("echo", 0)
    say(f"asleep {took:.1f} s after its last call, its label says {IDLE}")

    assert took < 5
    wait_until(lambda: place.call("echo") == 200 and place.replicas("echo") == 1, SOON, "awake")
    place.wait_replicas("echo", 0)
    assert place.replicas("other") == 1


def test_a_function_that_is_called_now_and_then_stays_awake(place: ScalingNode) -> None:
    place.deploy("echo", {**ZERO, "com.openfaas.scale.zero-duration": "3s"})
    with place.calling("echo", 1, pause=1.0) as statuses:
        assert holds(lambda: place.replicas("echo") == 1, 8)
    assert set(statuses) == {200}
    place.wait_replicas("echo", 0)


def test_without_the_label_nothing_sleeps(place: ScalingNode) -> None:
    place.deploy("echo", {"com.openfaas.scale.zero-duration": IDLE})

    assert holds(lambda: place.replicas("echo") == 1, 5)


def test_a_conversation_keeps_a_function_awake_however_silent_it_is(place: ScalingNode) -> None:
    place.deploy("echo", SLEEPY)
    with place.half_call("echo") as stream:
        assert holds(lambda: place.replicas("echo") == 1, 6)
        stream.sendall(b" later")
        assert stream.recv(1 << 16).partition(b"\r\n")[0].endswith(b" 200 OK")
    place.wait_replicas("echo", 0)


def test_a_person_wakes_it_and_it_rests_as_long_as_ever(place: ScalingNode) -> None:
    place.deploy("echo", SLEEPY)
    place.wait_replicas("echo", 0)
    place.scale("echo", 2)
    wait_until(lambda: place.available("echo") == 2, SOON, "awake")
    place.wait_replicas("echo", 0)


def test_nothing_sleeps_while_the_counters_cannot_be_read(place: ScalingNode) -> None:
    place.deploy("echo", {**ZERO, "com.openfaas.scale.zero-duration": "3s"})
    place.freeze_router()
    assert holds(lambda: place.replicas("echo") == 1, 6)
    place.thaw_router()
    place.wait_replicas("echo", 0)


def test_a_gateway_that_starts_anew_lets_functions_sleep_too(place: ScalingNode) -> None:
    place.deploy("echo", SLEEPY)
    place.gateway.stop()
    assert holds(lambda: place.replicas("echo") == 1, 3)
    place.gateway.start()
    place.wait_replicas("echo", 0)
    assert place.call("echo") == 200


def test_calls_that_arrive_while_it_goes_to_sleep_are_all_answered(place: ScalingNode) -> None:
    """Callers come about when the function falls asleep, over and over."""
    names = [f"fn{number}" for number in range(4)]
    for name in names:
        place.deploy(name, SLEEPY)
    statuses: list[int] = []
    until = time.monotonic() + 40

    def call(name: str, seed: int) -> None:
        chance = random.Random(seed)
        while time.monotonic() < until:
            time.sleep(1.0 + chance.random() * 2.5)
            statuses.extend(place.call(name) for _ in range(chance.randint(1, 5)))

    callers = [
        threading.Thread(target=call, args=(name, 7 * seed + len(name)))
        for seed, name in enumerate(names)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(120)
    slept = place.gateway.figure('faasd_autoscaler_actions_total{action="slept"}') or 0
    failed = [status for status in statuses if status != 200]
    say(f"{len(statuses)} calls, {slept:.0f} times asleep, {len(failed)} not answered with 200")
    assert failed == []
    assert slept > len(names)
