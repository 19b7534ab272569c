"""A caller never sees that a function was frozen, whatever happened to it meanwhile."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.client import Client
from tests.machine.processes import wait_until
from tests.product.place import STATIC, Product

CALLERS, ROUNDS = 50, 5
NAME = "frozen"


@pytest.fixture
def frozen(front: Client) -> str:
    front.deploy(NAME, STATIC, labels={"faasd.sleep.depth": "paused"})
    front.wait_answers(NAME, 20)
    return NAME


def tasks(product: Product) -> list[tuple[int, str]]:
    """Return process and state of each function's task."""
    lines = product.containerd.ctr("tasks", "ls").splitlines()[1:]
    return [(int(line.split()[1]), line.split()[2]) for line in lines]


def freeze(front: Client, product: Product) -> int:
    """Let the function sleep; return its process."""
    assert front.scale(NAME, 0).status in (200, 202)
    wait_until(lambda: [state for _, state in tasks(product)] == ["PAUSED"], 30, "frozen")
    return tasks(product)[0][0]


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_many_callers_at_once_of_a_frozen_function_are_answered(
    product: Product, front: Client, frozen: str
) -> None:
    for _ in range(ROUNDS):
        before = freeze(front, product)

        with ThreadPoolExecutor(CALLERS) as pool:
            statuses = list(pool.map(lambda _: front.invoke(frozen).status, range(CALLERS)))

        assert statuses == [200] * CALLERS
        assert tasks(product) == [(before, "RUNNING")]


def test_a_frozen_function_whose_shim_died_is_started_for_its_first_caller(
    product: Product, front: Client, frozen: str
) -> None:
    for _ in range(ROUNDS):
        before = freeze(front, product)
        os.kill(parent_of(before), signal.SIGKILL)

        assert front.invoke(frozen).status == 200

        wait_until(lambda: [state for _, state in tasks(product)] == ["RUNNING"], 10, "it runs")
        assert tasks(product)[0][0] != before


def test_a_wake_and_an_update_at_once_fail_no_call(
    product: Product, front: Client, frozen: str
) -> None:
    for number in range(ROUNDS):
        before = freeze(front, product)

        with ThreadPoolExecutor(CALLERS) as pool:
            calls = [pool.submit(front.invoke, frozen) for _ in range(CALLERS)]
            labels = {"faasd.sleep.depth": "paused"}
            front.deploy(frozen, STATIC, labels=labels, envVars={"N": str(number)})
            statuses = [call.result().status for call in calls]

        assert statuses == [200] * CALLERS
        wait_until(partial(is_updated, product, before), 30, "the new one alone runs")


def is_updated(product: Product, before: int) -> bool:
    found = tasks(product)
    return [state for _, state in found] == ["RUNNING"] and found[0][0] != before
