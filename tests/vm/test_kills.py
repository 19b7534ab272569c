"""Each unit, killed whole under load, is back by itself; what the router can serve goes on."""

from collections.abc import Callable

import pytest

from tests.vm.calling import calling
from tests.vm.installed import Installed
from tests.vm.machine import Machine, wait_slowly
from tests.vm.node import is_whole
from tests.vm.times import Times

JOURNAL = "journalctl -n 200 --no-pager -u faasd -u faasd-provider -u containerd | cut -c 1-300"
BACK = 60.0
"""Seconds until a killed unit, and all that it looks after, is back; on an unloaded machine."""


@pytest.mark.parametrize("unit", ["faasd", "faasd-provider"])
def test_a_killed_unit_is_back_and_no_call_fails(
    running: Machine, installed: Installed, times: Times, unit: str
) -> None:
    with calling("echo") as calls:
        wait_slowly(lambda: calls.good > 2, 20, lambda: str(calls))
        times.note(f"kill -9 of all of {unit} to a whole node", kill(running, installed, unit))
    times.say("  calls answered, failed", f"{calls.good}, {len(calls.failed)}")
    assert calls.failed == [], tell(running)()


def test_killed_containerd_is_back_with_all_functions(
    running: Machine, installed: Installed, times: Times
) -> None:
    with calling("echo") as calls:
        wait_slowly(lambda: calls.good > 2, 20, lambda: str(calls))
        took = kill(running, installed, "containerd")
        before = calls.good
        wait_slowly(lambda: calls.good > before + 2, 60, lambda: str(calls))
    times.note("kill -9 of containerd and its shims to a whole node", took)
    times.note("  longest time without an answer", calls.longest_gap)


def test_killed_containerd_alone_costs_no_call(
    running: Machine, installed: Installed, times: Times
) -> None:
    with calling("echo") as calls:
        wait_slowly(lambda: calls.good > 2, 20, lambda: str(calls))
        took = kill(running, installed, "containerd", "--kill-whom=main")
    times.note("kill -9 of containerd alone to a whole node", took)
    times.say("  calls answered, failed", f"{calls.good}, {len(calls.failed)}")
    assert calls.failed == [], tell(running)()


def kill(machine: Machine, installed: Installed, unit: str, *whom: str) -> float:
    """Kill a unit; return how long it took until it runs again and the node is whole."""
    main = f"systemctl show --property=MainPID --value {unit}"
    before = machine.do(main)
    machine.do(f"systemctl kill {' '.join(whom)} -s KILL {unit}")

    def is_back() -> bool:
        return machine.do(main) not in ("0\n", before) and is_whole(machine, installed.password)

    return wait_slowly(is_back, BACK, tell(machine))


def tell(machine: Machine) -> Callable[[], str]:
    """Return what tells of the node, for a test that waits in vain."""
    return lambda: machine.do(f"faasd status || true; {JOURNAL}")
