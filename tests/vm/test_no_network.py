"""A node that boots without a network is up, and answers as soon as there is one."""

from tests.vm.machine import Machine
from tests.vm.node import wait_answers
from tests.vm.times import Times


def test_without_a_network_at_boot_the_node_starts_and_answers_once_there_is_one(
    machine: Machine, times: Times
) -> None:
    machine.start("-S")
    machine.ask("set_link", name="net", up=False)
    machine.ask("cont")
    machine.wait_said(("login:",), 200)
    started = "Started faasd.service"
    machine.wait_said((started, "Started \x1b[0;1;39mfaasd.service"), 200)
    machine.ask("set_link", name="net", up=True)
    times.note("network after a boot without one to an answer", wait_answers(machine, "echo", 120))
