"""A hundred functions at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.client import Client
from tests.e2e.inventory import expected, inventory
from tests.e2e.machine import Machine
from tests.machine.processes import find_children, wait_until

MANY = 100
MEMORY = 64_000_000
"""Bytes of the provider's process that serves, after the hundred have come and gone."""


@pytest.mark.timeout(400)
def test_a_hundred_functions_deployed_at_once_are_ready_and_leave_nothing(
    client: Client, machine: Machine, images: dict[str, str]
) -> None:
    before = inventory(machine.containerd)
    names = [f"many{number}" for number in range(MANY)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda name: client.deploy(name, images["serve"]), names))
        wait_until(lambda: all_ready(client), 120, f"all ready\n{machine.tail()}")
        invoked = list(pool.map(lambda name: client.invoke(name).status, names))
        during = inventory(machine.containerd)
        deleted = list(pool.map(lambda name: client.delete(name).status, names))
    wait_until(lambda: inventory(machine.containerd) == before, 120, "nothing left")

    assert {answer.status for answer in answers} <= {200, 202}
    assert invoked == [200] * MANY
    assert during == expected(MANY, before)
    assert set(deleted) <= {200, 202}
    assert resident(find_children(machine.pid_of("provider"))[0]) < MEMORY


def resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def all_ready(client: Client) -> bool:
    listed = client.call("GET", "/system/functions").json
    return len(listed) == MANY and all(one["availableReplicas"] == 1 for one in listed)
