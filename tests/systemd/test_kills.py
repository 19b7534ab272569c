"""`systemctl kill -s KILL` of everything, and a reboot."""

import pytest

from tests.machine.processes import wait_until
from tests.product.place import load
from tests.systemd.node import CONTAINERD, CORE, FUNCTIONS, UNITS, Node


@pytest.mark.parametrize("unit", [*UNITS, CONTAINERD])
def test_a_killed_unit_is_back_and_no_call_failed(node: Node, unit: str) -> None:
    before, running = node.main_pid(unit), (node.pids(CORE), node.pids(FUNCTIONS))
    with load(node.front, "static") as seen:
        node.guest.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", unit)
        took = node.wait_anew(unit, before)
        whole = took + node.wait_whole()

    node.guest.tell(
        f"{unit} killed: serves again after {took:.1f} s, the node whole after {whole:.1f} s, "
        f"{len(seen.failed)} of {seen.requests} calls failed"
    )
    assert seen.failed == []
    assert (node.pids(CORE), node.pids(FUNCTIONS)) == running


def test_whole_cgroups_of_our_units_are_killed_and_containers_are_not_in_them(node: Node) -> None:
    running = (node.pids(CORE), node.pids(FUNCTIONS))
    before = {unit: node.main_pid(unit) for unit in UNITS}

    node.guest.run("systemctl", "kill", "--kill-whom=all", "--signal=KILL", *UNITS)

    for unit in UNITS:
        node.wait_anew(unit, before[unit])
    assert (node.pids(CORE), node.pids(FUNCTIONS)) == running


def test_after_a_reboot_everything_is_back_without_help(node: Node) -> None:
    node.front().scale("echo", 0)
    wait_until(lambda: node.front().replicas("echo") == 0, 30, "echo asleep")

    booted = node.guest.reboot()
    answering = wait_until(lambda: node.front().answers("static"), 90, node.tell())
    whole = node.wait_whole()

    node.guest.tell(
        f"rebooted in {booted:.1f} s; a function answers after {answering:.1f} s more, "
        f"the node is whole after {answering + whole:.1f} s"
    )
    assert node.front().names() == {"echo", "static"}
    failed = node.guest.run("systemctl", "list-units", "--failed", "--plain", "--no-legend")
    assert failed == ""
