"""Each process is killed in turn under constant load; what is counted is printed."""

import sys
from collections.abc import Callable

import pytest

from tests.e2e.client import Client
from tests.machine.processes import wait_until
from tests.product.place import SERVICES, Callbacks, Load, Product, load

CALLS = 100
RECOVERY = 5.0
"""Seconds from a core service's death to its running again."""


def restart_containerd(product: Product) -> None:
    product.containerd.kill()
    product.containerd.start()


def restart(name: str) -> Callable[[Product], None]:
    def kill(product: Product) -> None:
        product.kill_program(name)
        product.start_program(name)

    return kill


def kill_service(name: str) -> Callable[[Product], None]:
    def kill(product: Product) -> None:
        before = product.service_pids()[name]
        product.kill_service(name)
        wait_until(lambda: product.restarted(name, before), RECOVERY, f"{name} again")

    return kill


ACCIDENTS: dict[str, Callable[[Product], None]] = {
    **{name: kill_service(name) for name in SERVICES if name != "router"},
    "provider": restart("provider"),
    "faasd up": restart("up"),
    "containerd": restart_containerd,
}


def say(name: str, seen: Load) -> None:
    """Print a line of the table; `pytest -rP` shows it."""
    sys.stdout.write(f"killed {name}: {seen.requests} calls, {len(seen.failed)} failed\n")


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_warm_calls_go_on_while_everything_else_dies(
    product: Product, static: str, accident: str
) -> None:
    with load(product.front, static) as seen:
        ACCIDENTS[accident](product)
        product.wait_up(30)
        wait_until(lambda: seen.requests > CALLS, 60, f"{seen.requests} calls")

    say(accident, seen)
    assert seen.failed == []


def test_a_killed_router_is_back_with_all_its_routes(product: Product, static: str) -> None:
    before = product.service_pids()["router"]

    with load(product.front, static) as seen:
        product.kill_service("router")
        wait_until(lambda: product.restarted("router", before), RECOVERY, "router again")
        wait_until(lambda: answers(product.front(), static), RECOVERY, "answers again")

    say("router", seen)
    assert not any(problem.isdecimal() for problem in seen.failed), seen.failed


def answers(client: Client, name: str) -> bool:
    return client.answers(name)


@pytest.mark.parametrize("victim", ["nats", "queue-worker", "gateway"])
def test_accepted_asynchronous_calls_survive_the_death_of(
    product: Product, front: Client, echo: str, victim: str
) -> None:
    accepted = set()
    with Callbacks() as callbacks:
        for number in range(40):
            if number == 20:
                product.kill_service(victim)
            name = f"{victim}-{number}"
            headers = {"X-Callback-Url": callbacks.url, "X-Call-Id": name}
            try:
                answer = front.call("POST", f"/async-function/{echo}", b"x", headers)
            except OSError:
                continue
            if answer.status == 202:
                accepted.add(name)
        try:
            wait_until(lambda: not missing(accepted, callbacks), 90, "every accepted call was done")
        except AssertionError:
            told = product.tell_of_queue()
            raise AssertionError(f"not done: {missing(accepted, callbacks)}\n{told}") from None

    assert len(accepted) >= 20


def missing(accepted: set[str], callbacks: Callbacks) -> list[str]:
    return sorted(accepted - {seen["x-call-id"] for seen in callbacks.seen})


@pytest.mark.timeout(300)
def test_after_a_power_cut_the_front_door_opens_with_every_function(
    product: Product, front: Client, static: str, echo: str
) -> None:
    front.scale(echo, 0)
    wait_until(lambda: front.replicas(echo) == 0, 10, "asleep")

    product.power_cut()
    product.containerd.start()
    product.start_programs()
    product.wait_up()

    wait_until(lambda: front.answers(static), 10, "answers")
    assert front.invoke(echo).status == 200
