"""Functions that are asleep: stopped when memory is needed, updated and taken back meanwhile."""

from collections.abc import Iterator

import pytest

from tests.e2e.client import Client
from tests.e2e.machine import Machine
from tests.machine.processes import wait_until

Images = dict[str, str]
PAUSED = {"faasd.sleep.depth": "paused"}
SOON = 30.0


def task_of(machine: Machine, name: str) -> str:
    """Return what containerd says of a function's one task; empty where it has none."""
    lines = [line.split() for line in machine.containerd.ctr("tasks", "ls").splitlines()]
    return next((line[-1] for line in lines if line and line[0].startswith(f"{name}.")), "")


def containers_of(machine: Machine, name: str) -> list[str]:
    found = machine.containerd.ctr("containers", "ls", "-q").split()
    return [container for container in found if container.startswith(f"{name}.")]


def reason_of(client: Client, name: str) -> str:
    annotations = client.describe(name).json["annotations"]
    return str(annotations.get("com.openfaas.status.reason", ""))


def pause(client: Client, machine: Machine, name: str) -> None:
    client.wait_ready(name)
    assert client.scale(name, 0).status == 202
    wait_until(lambda: task_of(machine, name) == "PAUSED", SOON, "a frozen process")


@pytest.fixture
def frozen(client: Client, machine: Machine, images: Images) -> Iterator[str]:
    """A function that is paused."""
    client.deploy("frozen", images["serve"], labels=PAUSED)
    pause(client, machine, "frozen")
    yield "frozen"
    machine.pressure.unlink(missing_ok=True)


def test_a_paused_function_is_stopped_when_the_kernel_tells_of_stalls_and_wakes_all_the_same(
    client: Client, machine: Machine, frozen: str
) -> None:
    stalled = 0

    def is_stopped() -> bool:
        nonlocal stalled
        stalled += 150_000
        text = f"some avg10=40.00 avg60=9.00 avg300=2.00 total={stalled}\n"
        machine.pressure.write_text(text)
        return task_of(machine, frozen) == ""

    before = containers_of(machine, frozen)
    wait_until(is_stopped, SOON, f"a stopped function\n{machine.tail()}")

    assert containers_of(machine, frozen) == before
    machine.pressure.unlink()
    assert client.invoke(frozen).status == 200
    pause(client, machine, frozen)


def test_a_paused_function_is_stopped_for_a_deploy_that_would_not_fit(
    client: Client, machine: Machine, images: Images
) -> None:
    memory = client.call("GET", "/system/info").json["memory"]
    room = memory["totalBytes"] - memory["reservedBytes"] - memory["requestedBytes"]
    request = {"memory": str(room * 6 // 10)}
    client.deploy("frozen", images["serve"], labels=PAUSED, requests=request)
    pause(client, machine, "frozen")

    assert client.deploy("other", images["serve"], requests=request).status == 202

    wait_until(lambda: task_of(machine, "frozen") == "", SOON, "a stopped function")
    client.wait_ready("other")
    third = client.deploy("third", images["serve"], requests=request)
    assert (third.status, "no memory left" in third.text) == (507, True)


def test_an_update_of_a_paused_function_is_tried_and_paused(
    client: Client, machine: Machine, images: Images, frozen: str
) -> None:
    before = containers_of(machine, frozen)

    client.update(frozen, images["serve2"], labels=PAUSED)

    wait_until(lambda: len(containers_of(machine, frozen)) == 2, SOON, "both versions")
    wait_until(lambda: len(containers_of(machine, frozen)) == 1, SOON, "one version")
    wait_until(lambda: task_of(machine, frozen) == "PAUSED", SOON, "a frozen process")
    assert containers_of(machine, frozen) != before
    assert reason_of(client, frozen) == ""
    assert client.invoke(frozen).status == 200


def test_a_bad_update_of_a_paused_function_leaves_the_old_one_frozen_as_it_was(
    client: Client, machine: Machine, images: Images, frozen: str
) -> None:
    pid = machine.containerd.ctr("tasks", "ls").split("\n")[1].split()[1]
    machine.end_programs()
    machine.start_programs(faasd_update_timeout="3s")
    try:
        client.update(frozen, images["exit"], labels=PAUSED)

        wait_until(lambda: "rolled back" in reason_of(client, frozen), SOON, "the old version")
        wait_until(lambda: len(containers_of(machine, frozen)) == 1, SOON, "one version")
        tasks = machine.containerd.ctr("tasks", "ls").split("\n")[1].split()
        assert tasks[1:] == [pid, "PAUSED"]
        assert client.invoke(frozen).status == 200
    finally:
        machine.end_programs()
        machine.start_programs()
