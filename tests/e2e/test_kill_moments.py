"""kill -9 of the shipped provider at each change that it is seen to make to the machine."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

import pytest

from tests.e2e.client import Client
from tests.e2e.inventory import expected, footprint, inventory
from tests.e2e.machine import Machine
from tests.machine.processes import wait_until

Images = dict[str, str]
NAME = "echo"
SOON = 40.0
CHANGES = range(1, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What is done to a function, and how many replicas it has before and after."""

    before: int
    after: int
    ask: Callable[[Client, Images], int]


def _deploy(client: Client, images: Images) -> int:
    labels = {"com.openfaas.grace_period": "1s"}
    return client.deploy(NAME, images["serve"], envVars={"ROUND": "new"}, labels=labels).status


OPERATIONS = {
    "deploy": Operation(before=0, after=1, ask=_deploy),
    "update": Operation(before=1, after=1, ask=_deploy),
    "scale up": Operation(before=1, after=3, ask=lambda c, _: c.scale(NAME, 3).status),
    "scale down": Operation(before=3, after=1, ask=lambda c, _: c.scale(NAME, 1).status),
    "delete": Operation(before=2, after=0, ask=lambda c, _: c.delete(NAME).status),
}


class Looker:
    """Looks at the machine as often as it can, and calls `at_last` at the nth change."""

    def __init__(self, changes: int, at_last: Callable[[], None]) -> None:
        self._left = changes
        self._at_last = at_last
        self._over = threading.Event()
        self._seen = footprint()
        self._thread = threading.Thread(target=self._look)
        self.saw_all = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def wait(self, done: Callable[[], bool]) -> None:
        """Wait for the last change, or until there will be none any more."""
        wait_until(lambda: not self._thread.is_alive() or done(), SOON, "a change, or the end")

    def _look(self) -> None:
        while not self._over.is_set():
            if (now := footprint()) != self._seen:
                self._seen = now
                self._left -= 1
            if not self._left:
                self._at_last()
                self.saw_all = True
                return


def wait_until_there_is(wanted: dict[str, int], machine: Machine) -> None:
    """Wait until the machine has that much of each kind; tell what it has if it is too late."""
    try:
        wait_until(lambda: inventory(machine.containerd) == wanted, SOON, "the inventory")
    except AssertionError:
        assert inventory(machine.containerd) == wanted, machine.tail()
        raise


@pytest.fixture
def empty(client: Client, machine: Machine) -> dict[str, int]:
    """What is there without functions."""
    assert client.names() == set()
    return inventory(machine.containerd)


@pytest.fixture
def revived(machine: Machine) -> Iterator[None]:
    """Starts the provider again, also for a test that failed."""
    yield
    machine.mend()


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("revived")
@pytest.mark.parametrize("number", CHANGES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_provider_killed_at_a_change_of_the_machine_ends_what_was_asked_and_leaks_nothing(
    client: Client,
    machine: Machine,
    images: Images,
    empty: dict[str, int],
    name: str,
    number: int,
) -> None:
    operation = OPERATIONS[name]
    if operation.before:
        client.deploy(NAME, images["serve"], envVars={"ROUND": "old"})
        client.scale(NAME, operation.before)
        wait_until(lambda: client.replicas(NAME) == operation.before, SOON, "replicas before")
    before, after = (expected(n, empty) for n in (operation.before, operation.after))
    wait_until(lambda: inventory(machine.containerd) == before, SOON, "settled before")

    with Looker(number, lambda: machine.kill_program("provider")) as looker:
        status = operation.ask(client, images)
        looker.wait(lambda: inventory(machine.containerd) == after != before)
    if not looker.saw_all:
        machine.kill_program("provider")
    machine.start_program("provider")
    wait_until(client.is_up, SOON, f"the provider\n{machine.tail()}")

    assert status == 202
    wait_until_there_is(after, machine)
    assert client.names() == ({NAME} if operation.after else set())
    if operation.after:
        client.wait_answers(NAME, SOON)
        mark = "new" if name in ("deploy", "update") else "old"
        assert client.invoke(NAME).json["env"]["ROUND"] == mark
        assert client.replicas(NAME) == operation.after
