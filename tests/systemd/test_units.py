"""The units as systemd sees them: ordered, sandboxed, ready when they serve, watched."""

import os
import re
import signal
import time

import pytest

from tests.machine.processes import find_children, wait_until
from tests.product.place import load
from tests.systemd.node import CORE, ENDS, FUNCTIONS, SETTLES, UNITS, Node

MOST_EXPOSED = {"faasd.service": 5.8, "faasd-provider.service": 4.2, SETTLES: 1.4, ENDS: 3.4}
"""docs/systemd.md says what each of them still may."""
STATUSES = ("5 of 5 core services run", "2 functions: 2 ready")


def test_systemd_finds_no_fault_with_the_units(node: Node) -> None:
    verified = node.guest.attempt("systemd-analyze", "verify", *UNITS, SETTLES, ENDS)

    assert (verified.returncode, verified.stdout) == (0, "")


@pytest.mark.parametrize("unit", [*UNITS, SETTLES, ENDS])
def test_a_unit_is_shut_in_as_far_as_containers_let_it(node: Node, unit: str) -> None:
    said = node.guest.run("systemd-analyze", "security", "--no-pager", unit)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)

    assert found is not None
    node.guest.tell(f"{unit}: exposure {found[1]}")
    assert float(found[1]) <= MOST_EXPOSED[unit]


def test_the_status_is_a_sentence_for_people(node: Node) -> None:
    for unit, sentence in zip(UNITS, STATUSES, strict=True):
        wait_until(lambda: node.guest.show(unit, "StatusText") == sentence, 30, sentence)  # noqa: B023


def test_each_line_in_the_journal_names_its_program(node: Node) -> None:
    for unit, name in zip(UNITS, ("faasd", "faasd-provider"), strict=True):
        lines = node.guest.run("journalctl", "-b", "-o", "cat", "-t", name, "-n", "3")
        assert lines.strip(), f"{name} of {unit} is in the journal"


def test_it_is_all_enabled_and_boots_by_itself(node: Node) -> None:
    assert (
        node.guest.run("systemctl", "is-enabled", *UNITS, "containerd.service").split()
        == ["enabled"] * 3
    )


def test_health_checks_reach_from_the_sandbox_into_containers(node: Node) -> None:
    """Each is asked every 10 or 20 s; one that fails twice has its service started anew."""
    services, end = node.pids(CORE), time.monotonic() + 45
    wait_until(lambda: time.monotonic() > end, 60, "some checks of each")

    assert node.pids(CORE) == services
    assert "is unhealthy" not in node.guest.run("journalctl", "-b", "-o", "cat", "-t", "faasd")


def test_the_provider_serves_as_soon_as_systemctl_returns(node: Node) -> None:
    node.guest.run("systemctl", "restart", "faasd-provider.service")

    assert node.provider().call("GET", "/system/functions").status == 200


def test_a_start_that_fails_is_told_and_tried_until_it_succeeds(node: Node) -> None:
    guest, functions = node.guest, node.pids(FUNCTIONS)
    compose = guest.root / "var/lib/faasd/docker-compose.yaml"
    good = compose.read_text()
    guest.run("faasd", "stop")
    compose.write_text("services: {router: {}}")

    failed = guest.attempt("faasd", "start")
    tries = int(guest.show("faasd.service", "NRestarts"))
    took = wait_until(
        lambda: int(guest.show("faasd.service", "NRestarts")) >= tries + 6, 60, "it tries on"
    )
    served = node.provider().is_up()
    compose.write_text(good)
    node.wait_whole()

    guest.tell(
        f"a broken file: tried anew every {took / 6:.1f} s, well without help once it is not"
    )
    assert failed.returncode == 1
    assert "systemctl status faasd.service" in failed.stdout
    assert took / 6 > 1, "it is no busy loop"
    assert served, "the provider needs no core service"
    assert node.pids(FUNCTIONS) == functions


def test_a_reload_is_over_when_systemctl_says_so(node: Node) -> None:
    services, functions = node.pids(CORE), node.pids(FUNCTIONS)

    node.guest.run("systemctl", "reload", "faasd.service")

    wait_until(
        lambda: node.guest.show("faasd.service", "ActiveState") == "active", 30, "the reload's end"
    )
    assert (node.pids(CORE), node.pids(FUNCTIONS)) == (services, functions)


def test_stopping_the_provider_leaves_functions_running_and_answering(node: Node) -> None:
    functions = node.pids(FUNCTIONS)
    with load(node.front, "static") as seen:
        node.guest.run("systemctl", "stop", "faasd-provider.service")
        enough = seen.requests + 100
        wait_until(lambda: seen.requests > enough, 30, "calls without a provider")
        node.guest.run("systemctl", "start", "faasd-provider.service")

    assert (seen.failed, node.pids(FUNCTIONS)) == ([], functions)


@pytest.mark.parametrize("unit", UNITS)
def test_a_program_that_hangs_is_started_anew_by_the_watchdog(node: Node, unit: str) -> None:
    """With a short patience: the units' own is a minute."""
    guest = node.guest
    directory = guest.root / f"run/systemd/system/{unit}.d"
    write_in = ["sh", "-c", 'mkdir -p "$0" && printf "[Service]\\nWatchdogSec=6s\\n" >"$0/t.conf"']
    guest.run(*write_in, f"/run/systemd/system/{directory.name}")
    guest.run("systemctl", "daemon-reload")
    node.renew(unit)
    before, services = node.main_pid(unit), node.pids(CORE)
    hung = guest.pid_outside(before)
    hung = find_children(hung)[0] if unit == "faasd-provider.service" else hung

    with load(node.front, "static") as seen:
        os.kill(hung, signal.SIGSTOP)
        took = node.wait_anew(unit, before)
    guest.run("rm", "-r", f"/run/systemd/system/{directory.name}")
    guest.run("systemctl", "daemon-reload")
    node.renew(unit)

    guest.tell(f"{unit} hung: started anew after {took:.1f} s of its watchdog's 6 s")
    said = guest.run("journalctl", "-b", "-o", "cat", "-u", unit)
    assert "Watchdog timeout" in said
    assert seen.failed == []
    assert node.pids(CORE) == services
