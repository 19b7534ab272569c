"""kill -9 of anything, a power cut, a full disk: the node comes back to what was wanted."""

import os
import random
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.client import Client
from tests.e2e.inventory import expected, inventory, shims
from tests.e2e.machine import Machine
from tests.machine.processes import find_children, is_alive, kill_all, wait_until

Images = dict[str, str]
RECOVERY = 5.0
"""Seconds from containerd's being up to every function's answering again."""
FUNCTIONS = 3


@pytest.fixture
def empty(client: Client, machine: Machine) -> dict[str, int]:
    """What is there without functions."""
    assert client.names() == set()
    return inventory(machine.containerd)


@pytest.fixture
def names(client: Client, images: Images, empty: dict[str, int]) -> list[str]:
    """Functions that are ready."""
    assert empty["containers"] == 0
    made = [f"fn{number}" for number in range(FUNCTIONS)]
    for name in made:
        assert client.deploy(name, images["serve"]).status in (200, 202)
    for name in made:
        client.wait_ready(name)
    return made


def assert_recovered(
    client: Client, machine: Machine, names: list[str], empty: dict[str, int]
) -> None:
    """Every function answers in time, and there is exactly one replica of each."""
    wait_until(lambda: all(client.answers(name) for name in names), RECOVERY, "all answer")
    assert client.names() == set(names)
    wanted = expected(len(names), empty)
    try:
        wait_until(lambda: inventory(machine.containerd) == wanted, 30, "one replica each")
    except AssertionError:
        assert inventory(machine.containerd) == wanted, machine.tail()


def task_pids(machine: Machine) -> list[int]:
    lines = machine.containerd.ctr("tasks", "ls").splitlines()[1:]
    return [int(line.split()[1]) for line in lines if line.split()[2] == "RUNNING"]


def kill_task(machine: Machine) -> None:
    os.kill(random.choice(task_pids(machine)), signal.SIGKILL)


def kill_shim(_machine: Machine) -> None:
    kill_all([random.choice(shims())])


def kill_containerd(machine: Machine) -> None:
    machine.containerd.kill()
    machine.containerd.start()


def kill_provider(machine: Machine) -> None:
    machine.kill_program("provider")
    machine.start_program("provider")
    wait_until(machine.client().is_up, 10, f"the provider\n{machine.tail()}")


def kill_collector(machine: Machine) -> None:
    machine.kill_program("collect")
    machine.start_program("collect")


ACCIDENTS: dict[str, Callable[[Machine], None]] = {
    "task": kill_task,
    "shim": kill_shim,
    "containerd": kill_containerd,
    "provider": kill_provider,
    "collector": kill_collector,
}


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_after_a_kill_every_function_answers_again(
    client: Client, machine: Machine, names: list[str], empty: dict[str, int], accident: str
) -> None:
    ACCIDENTS[accident](machine)

    assert_recovered(client, machine, names, empty)


@pytest.mark.parametrize("accident", ["containerd", "provider", "collector"])
def test_functions_keep_running_while_what_stands_behind_them_dies(
    client: Client, machine: Machine, names: list[str], accident: str
) -> None:
    before = task_pids(machine)

    ACCIDENTS[accident](machine)

    wait_until(lambda: all(client.answers(name) for name in names), RECOVERY, "all answer")
    assert sorted(task_pids(machine)) == sorted(before)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("accident", ACCIDENTS)
def test_a_kill_at_a_random_moment_of_deploys_leaves_no_duplicate_and_no_leak(
    client: Client, machine: Machine, images: Images, empty: dict[str, int], accident: str
) -> None:
    names = []
    for number in range(3):
        names.append(f"fn{number}")
        client.deploy(f"fn{number}", images["serve"])
        threading.Event().wait(random.uniform(0, 0.6))
        wait_until(lambda: bool(task_pids(machine)), 10, "a task")

        ACCIDENTS[accident](machine)
        deploy_until_taken(client, images["serve"], number)

    wait_until(lambda: all(client.answers(name) for name in names), 4 * RECOVERY, "all answer")
    wait_until(lambda: client.invoke("fn0").json["env"].get("ROUND") == "2", 20, "last deploy")
    assert_recovered(client, machine, names, empty)


def deploy_until_taken(client: Client, image: str, number: int) -> None:
    """Deploy fn0 again, as a caller does who was told 503 while containerd came back."""
    env = {"ROUND": str(number)}

    def taken() -> bool:
        return client.deploy("fn0", image, envVars=env).status in (200, 202)

    wait_until(taken, 5, "the deploy is taken")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("accident", ["containerd", "provider"])
def test_a_kill_at_a_random_moment_of_deletes_leaves_nothing(
    client: Client, machine: Machine, names: list[str], empty: dict[str, int], accident: str
) -> None:
    for name in names:
        assert client.delete(name).status in (200, 202)
    threading.Event().wait(random.uniform(0, 0.4))

    ACCIDENTS[accident](machine)

    wait_until(lambda: not client.names(), 30, "no function")
    wait_until(lambda: inventory(machine.containerd) == empty, 60, "nothing left")


def test_death_of_a_shared_shim_takes_its_group_only_and_all_come_back(
    client: Client, machine: Machine, names: list[str], images: Images, empty: dict[str, int]
) -> None:
    more = [f"more{number}" for number in range(6)]
    for name in more:
        client.deploy(name, images["serve"])
    for name in more:
        client.wait_ready(name)
    shared = next(shim for shim in shims() if len(find_children(shim)) > 1)
    survivors = set(task_pids(machine)) - set(find_children(shared))
    assert survivors

    kill_all([shared])

    assert_recovered(client, machine, names + more, empty)
    assert all(is_alive(pid) for pid in survivors)


def test_after_a_power_cut_everything_comes_back(
    client: Client, machine: Machine, names: list[str], empty: dict[str, int]
) -> None:
    machine.power_cut()
    machine.containerd.start()
    machine.start_programs()

    assert_recovered(client, machine, names, empty)


def test_a_function_scaled_to_zero_stays_there_after_a_power_cut(
    client: Client, machine: Machine, names: list[str]
) -> None:
    client.scale(names[0], 0)
    wait_until(lambda: client.replicas(names[0]) == 0, 10, "no replica")

    machine.power_cut()
    machine.containerd.start()
    machine.start_programs()

    wait_until(lambda: all(client.answers(name) for name in names[1:]), RECOVERY, "others answer")
    assert client.replicas(names[0]) == 0
    client.scale(names[0], 1)
    client.wait_answers(names[0])


def test_containers_removed_by_hand_are_made_again(
    client: Client, machine: Machine, names: list[str], empty: dict[str, int]
) -> None:
    container = machine.containerd.ctr("containers", "ls", "-q").split()[0]
    machine.containerd.ctr("tasks", "rm", "--force", container)
    machine.containerd.ctr("containers", "rm", container)

    assert_recovered(client, machine, names, empty)


@contextmanager
def full_disk() -> Iterator[None]:
    """Leave no byte on the file system that images, roots and the database are on."""
    sandbox = Path(os.environ["FAASD_SANDBOX"])

    def resize(size: int) -> None:
        command = ["mount", "-o", f"remount,size={size}", "tmp", str(sandbox)]
        subprocess.run(command, check=True, timeout=10)

    usage = os.statvfs(sandbox)
    size = usage.f_blocks * usage.f_frsize
    resize((usage.f_blocks - usage.f_bfree) * usage.f_frsize)
    try:
        yield
    finally:
        resize(size)


def test_on_a_full_disk_a_deploy_is_refused_or_told_and_others_answer(
    client: Client, machine: Machine, images: Images, names: list[str], empty: dict[str, int]
) -> None:
    with full_disk():
        answer = client.deploy("late", images["stubborn"])
        assert answer.status in (202, 507, 500, 503), answer.text
        threading.Event().wait(1)
        assert all(client.answers(name) for name in names)
        assert client.is_up()

    if answer.status != 202:
        assert "disk" in answer.text or "space" in answer.text
        assert client.deploy("late", images["stubborn"]).status in (200, 202)
    client.wait_answers("late", 40)
    assert_recovered(client, machine, [*names, "late"], empty)
