"""A node that boots without a network says so, is up, and answers as soon as there is one."""

from tests.vm.machine import KERNEL, Machine
from tests.vm.node import wait_answers
from tests.vm.times import Times

TELL = "systemd.journald.forward_to_console=1 systemd.journald.max_level_console=info"
"""Has the journal on the console too: nobody gets in without a network, and systemd says on the
console what it starts only until there is a login prompt."""

OFFLINE = "Timeout occurred while waiting for network connectivity"
"""What systemd-networkd-wait-online says, after two minutes."""

STARTED = "echo.openfaas-fn: start echo."
"""What the provider says."""


def test_without_a_network_at_boot_the_node_starts_and_answers_once_there_is_one(
    machine: Machine, times: Times
) -> None:
    machine.start("-S", "-append", f"{KERNEL} {TELL}")
    machine.ask("set_link", name="net", up=False)
    machine.ask("cont")
    took = machine.wait_said((OFFLINE,), 200)
    took += machine.wait_said((STARTED,), 200)
    machine.wait_said(("Started faasd.service",), 200)
    times.note("power on without a network to the start of a function", took)
    machine.ask("set_link", name="net", up=True)
    times.note("  network to an answer outside", wait_answers(machine, "echo", 120))
