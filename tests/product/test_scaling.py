"""A real node lets functions sleep that nobody calls, and gives busy ones more replicas."""

import random
import statistics
import threading
import time

import pytest

from tests.e2e.client import Client
from tests.machine.processes import wait_until
from tests.node.router.running import say
from tests.product.place import ECHO, STATIC, Product, listed, load

PREFIX = "com.openfaas.scale."
SLEEPY = {f"{PREFIX}zero": "true", f"{PREFIX}zero-duration": "1s"}
BY_RPS = {f"{PREFIX}type": "rps", f"{PREFIX}target": "10", f"{PREFIX}max": "4"}
BY_CPU = {f"{PREFIX}type": "cpu", f"{PREFIX}target": "2", f"{PREFIX}max": "4"}
TIMES = 10


def tasks(product: Product) -> list[str]:
    """Return the states of functions' tasks."""
    lines = product.containerd.ctr("tasks", "ls").splitlines()[1:]
    return [line.split()[2] for line in lines]


def wanted(front: Client, name: str) -> int:
    return int(str(listed(front, name)["replicas"]))


@pytest.mark.parametrize("image", [STATIC, ECHO], ids=["static", "echo"])
@pytest.mark.parametrize(("depth", "state"), [("stopped", []), ("paused", ["PAUSED"])])
def test_an_idle_function_sleeps_as_deep_as_its_label_says_and_answers_its_next_call(
    product: Product, front: Client, depth: str, state: list[str], image: str
) -> None:
    front.deploy("sleepy", image, labels=SLEEPY | {"faasd.sleep.depth": depth})
    front.wait_answers("sleepy", 20)
    times = []
    for _ in range(TIMES):
        wait_until(lambda: tasks(product) == state, 20, f"asleep, {depth}")
        began = time.monotonic()
        assert front.invoke("sleepy").status == 200
        times.append((time.monotonic() - began) * 1000)
    say(f"{image}, {depth}: {TIMES} first calls, median {statistics.median(times):.0f} ms")
    say(f"{depth}: shortest {min(times):.0f} ms, longest {max(times):.0f} ms")


@pytest.mark.parametrize("depth", ["stopped", "paused"])
def test_calls_that_arrive_while_functions_go_to_sleep_are_all_answered(
    product: Product, front: Client, depth: str
) -> None:
    names = [f"fn{number}" for number in range(3)]
    for name in names:
        front.deploy(name, STATIC, labels=SLEEPY | {"faasd.sleep.depth": depth})
        front.wait_answers(name, 20)
    statuses: list[int] = []
    until = time.monotonic() + 30

    def call(name: str, seed: int) -> None:
        chance, client = random.Random(seed), product.front()
        while time.monotonic() < until:
            time.sleep(1.5 + chance.random() * 2)
            statuses.extend(client.invoke(name).status for _ in range(chance.randint(1, 5)))

    callers = [
        threading.Thread(target=call, args=pair) for pair in zip(names, (1, 2, 3), strict=True)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(120)
    failed = [status for status in statuses if status != 200]
    say(f"{depth}: {len(statuses)} calls, {len(failed)} not answered with 200")
    assert failed == []
    assert statuses


@pytest.mark.parametrize("labels", [BY_RPS, BY_CPU], ids=["rps", "cpu"])
def test_a_load_brings_replicas_and_its_end_takes_them(
    product: Product, front: Client, labels: dict[str, str]
) -> None:
    front.deploy("busy", STATIC, labels=labels)
    front.wait_answers("busy", 20)
    with load(product.front, "busy", threads=4) as seen:
        took = wait_until(lambda: wanted(front, "busy") > 1, 20, "more replicas")
        wait_until(lambda: front.replicas("busy") == 4, 20, "as many as there may be")
    began = time.monotonic()
    wait_until(lambda: wanted(front, "busy") == 1, 150, "one again")
    say(f"more replicas {took:.2f} s after the load began, {seen.requests} calls")
    say(f"one replica {time.monotonic() - began:.0f} s after its end")
    assert seen.failed == []
    assert took < 3  # Two from when the load began, and the time that the question takes.
