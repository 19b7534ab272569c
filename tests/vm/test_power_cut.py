"""Power that goes in the middle of a deploy or an update leaves a node that comes back whole."""

import json
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from tests.e2e.client import Client, Unreachable
from tests.vm.cuts import LEFT, TRUST, Images, accept, replicas_of, settle
from tests.vm.installed import Installed
from tests.vm.machine import Machine, wait_slowly
from tests.vm.node import wait_answers
from tests.vm.times import Times

CUTS = (0.0, 2.0, 1.0, 5.0, 0.3)
"""Seconds from an accepted deploy, or an update, in turn, to the cut."""

UP = 120.0

STATE = "faasd status || true; journalctl -b -n 100 --no-pager -u faasd-provider | cut -c 1-300"
"""What a person would look at."""

DONE = "touch /etc/cloud/cloud-init.disabled"
"""cloud-init has done its work; what it looks for at each boot would take half of the time."""


@dataclass
class Wanted:
    """What the node accepted: the number of the image of each function."""

    versions: dict[str, int] = field(default_factory=dict)

    def ask(self, machine: Machine, password: str, name: str, image: str) -> None:
        """Deploy or update a function; what is accepted must be there from then on."""
        client, number = machine.front(password), int(image.rpartition(":")[2])
        ask = client.update if name in self.versions else client.deploy
        accept(lambda: ask(name, image))
        self.versions[name] = number

    def check(self, machine: Machine, password: str) -> None:
        """Every function answers as the version accepted last, and nothing else is there."""
        client, names = machine.front(password), {"echo", *self.versions}
        wait_slowly(lambda: settle(client, names), 90, lambda: machine.do(STATE))
        wait_slowly(
            lambda: answered(client, self.versions) == self.versions,
            90,
            lambda: f"{answered(client, self.versions)}, not {self.versions}\n{machine.do(STATE)}",
        )
        # The generation before is taken away once the next one answers.
        wait_slowly(
            lambda: len(replicas_of(machine, "containers")) == len(names),
            60,
            lambda: machine.do(f"{LEFT}\n{STATE}"),
        )
        left = dict(line.split(":", 1) for line in machine.do(LEFT).splitlines() if ":" in line)
        assert left["failed"].strip() == "", left
        assert not any("Traceback" in line for line in left), left
        containers = left["containers"].split()
        assert {one.split(".")[0] for one in containers} == names
        assert containers == left["tasks"].split(), left
        assert len(left["networks"].split()) == len(names) + 3, left


def answered(client: Client, names: Iterable[str]) -> dict[str, int]:
    """Return the version by which each function answers now; none of one that does not."""
    found = {}
    for name in names:
        with suppress(*Unreachable, ValueError, KeyError):
            found[name] = int(json.loads(client.invoke(name).body)["env"]["VERSION"])
    return found


def test_power_cuts_in_deploys_and_updates_leave_a_whole_node(
    resumed: Machine, installed: Installed, images: Images, times: Times
) -> None:
    machine, wanted, slowest = resumed, Wanted(), 0.0
    machine.do(f"{TRUST}\n{DONE}\nsync")
    wanted.ask(machine, installed.password, "changing", images.make(0))
    wait_answers(machine, "changing", 60)
    for number, delay in enumerate(CUTS, 1):
        name = f"new{number}" if number % 2 else "changing"
        wanted.ask(machine, installed.password, name, images.make(number))
        time.sleep(delay)
        machine.cut_power()
        machine.start()
        slowest = max(slowest, wait_answers(machine, "echo", UP))
        wanted.check(machine, installed.password)
    times.note(f"power on to an answer after a power cut, slowest of {len(CUTS)}", slowest)
