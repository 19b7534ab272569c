"""The shipped provider on a real containerd, and a real HAProxy that it drives."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.client import Client
from tests.e2e.inventory import inventory
from tests.e2e.machine import Machine
from tests.e2e.test_lifecycle import calling
from tests.machine.processes import find_children, kill_all, wait_until

Images = dict[str, str]
FRONT = 8080
ROUTER = Path("/run/faasd/router")
SOON = 45.0


@pytest.fixture
def front(machine: Machine, client: Client) -> Iterator[Client]:  # noqa: ARG001
    """A caller of the front door, for as long as HAProxy runs."""
    config = ROUTER / "haproxy.cfg"
    wait_until(config.exists, SOON, machine.tail())
    command = ["haproxy", "-W", "-db", "-S", f"{ROUTER}/master.sock,mode,660", "-f", str(config)]
    with (machine.directory / "haproxy.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            env=os.environ | {"ROUTER_BIND": f"127.0.0.1:{FRONT}"},
        )
    caller = Client("127.0.0.1", FRONT)
    try:
        wait_until(lambda: _status(caller, "nobody") == 404, SOON, "HAProxy answers")
        yield caller
    finally:
        kill_all([process.pid, *find_children(process.pid)])
        process.wait(10)


def test_updates_and_scales_behind_the_router_fail_no_call(
    client: Client, front: Client, machine: Machine, images: Images
) -> None:
    client.deploy("echo", images["serve"], envVars={"STEP": "0"})
    wait_until(lambda: _status(front, "echo") == 200, SOON, "routed")

    with calling(front, "echo") as calls:
        for step in ("1", "2"):
            client.update("echo", images["serve"], envVars={"STEP": step})
            wait_until(lambda s=step: _step(front) == s, SOON, f"step {step}")  # type: ignore[misc]
            wait_until(lambda: inventory(machine.containerd)["tasks"] == 1, SOON, "one replica")
        for replicas in (3, 1):
            client.scale("echo", replicas)
            wait_until(
                lambda n=replicas: inventory(machine.containerd)["tasks"] == n,  # type: ignore[misc]
                SOON,
                f"{replicas} replicas",
            )

    assert calls.failures == []
    assert len(calls.statuses) > 20


def test_a_deleted_function_is_unknown_at_the_front_door_at_once(
    client: Client, front: Client, images: Images
) -> None:
    for name in ("kept", "echo"):
        client.deploy(name, images["serve"])
        wait_until(lambda n=name: _status(front, n) == 200, SOON, "routed")  # type: ignore[misc]

    with calling(front, "kept") as calls:
        client.delete("echo")
        assert wait_until(lambda: _status(front, "echo") == 404, SOON, "unknown") < 2
        wait_until(lambda: client.names() == {"kept"}, SOON, "not listed")

    assert calls.failures == []


def test_a_restart_of_the_provider_fails_no_call(
    machine: Machine, client: Client, front: Client, images: Images
) -> None:
    client.deploy("echo", images["serve"])
    wait_until(lambda: _status(front, "echo") == 200, SOON, "routed")

    with calling(front, "echo") as calls:
        machine.kill_program("provider")
        machine.start_program("provider")
        wait_until(client.is_up, SOON, machine.tail())
        wait_until(lambda: client.replicas("echo") == 1, SOON, "known as ready")

    assert calls.failures == []


def _status(caller: Client, name: str) -> int:
    try:
        return caller.invoke(name).status
    except OSError:
        return -1


def _step(front: Client) -> str:
    return str(front.invoke("echo").json["env"]["STEP"])
