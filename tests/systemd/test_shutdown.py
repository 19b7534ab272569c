"""A machine that goes down ends functions without waiting for them, and has them back after."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machine.processes import wait_until
from tests.programs.archive import make_archive
from tests.systemd.node import ECHO, ENDS, FUNCTIONS, Node

STUBBORN = "localhost/stubborn:latest"
"""It ignores SIGTERM, as most programs do that are the first process of a container."""

DOWN = 30.0
"""systemd waits 90 s for processes that do not listen."""

SLEEPS = {"paused": "sleeps-paused", "stopped": "sleeps-stopped"}


@pytest.fixture
def settled(node: Node, tmp_path: Path) -> Iterator[Node]:
    """The node with a function that does not listen, and others that sleep."""
    make_archive(tmp_path / "stubborn.tar", ["stubborn"], [STUBBORN])
    (node.guest.root / "root/stubborn.tar").write_bytes((tmp_path / "stubborn.tar").read_bytes())
    node.guest.run("faasd", "image", "load", "/root/stubborn.tar")
    front = node.front()
    front.deploy("stubborn", STUBBORN)
    for depth, name in SLEEPS.items():
        front.deploy(name, ECHO, labels={"faasd.sleep.depth": depth})
    for name in ("stubborn", *SLEEPS.values()):
        front.wait_answers(name, 60)
    for name in SLEEPS.values():
        front.scale(name, 0)
        wait_until(lambda: front.replicas(name) == 0, 30, f"{name} asleep")  # noqa: B023
    yield node
    for name in ("stubborn", *SLEEPS.values()):
        node.front().delete(name)
    wait_until(lambda: node.front().names() == {"echo", "static"}, 60, "the others")


@pytest.mark.parametrize("how", ["reboot", "poweroff"])
def test_a_machine_goes_down_without_waiting_for_functions_and_has_them_back(
    settled: Node, how: str
) -> None:
    guest, names = settled.guest, settled.front().names()

    took = guest.go_down(how, 120)
    guest.start()
    settled.wait_whole()

    front = settled.front()
    guest.tell(f"{how} with functions that do not listen to SIGTERM: off after {took:.1f} s")
    assert took < DOWN
    assert front.names() == names
    assert [front.replicas(name) for name in SLEEPS.values()] == [0, 0], "they sleep on"
    for name in ("stubborn", *SLEEPS.values()):
        front.wait_answers(name, 60)
    failed = guest.run("systemctl", "list-units", "--failed", "--plain", "--no-legend")
    assert failed == ""


def test_only_a_shutdown_may_end_containers(node: Node) -> None:
    functions = node.pids(FUNCTIONS)

    by_hand = node.guest.attempt("systemctl", "start", ENDS)
    node.guest.run("systemctl", "restart", "faasd-provider.service", "containerd.service")

    assert by_hand.returncode != 0
    assert "may be requested by dependency only" in by_hand.stdout
    node.wait_whole()
    assert node.pids(FUNCTIONS) == functions
