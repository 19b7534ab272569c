"""A call that was done, and of which nobody was told."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from faasd.base.errors import TimedOut
from faasd.node.adapters.memory.runtime import MemoryContainers
from faasd.node.domain.blueprint import Blueprint
from faasd.node.domain.container import ContainerRecord
from faasd.node.workloads.workloads import Workloads
from tests.contract.backends import NAMESPACE, MemoryBackend
from tests.contract.containers import spec


class Slow(MemoryContainers):
    """Stores the record, and says too late that it did."""

    def create(self, blueprint: Blueprint) -> ContainerRecord:
        super().create(blueprint)
        raise TimedOut("containerd does not answer in time")


@pytest.fixture
def backend() -> Iterator[MemoryBackend]:
    """A machine in memory."""
    made = MemoryBackend.start()
    yield made
    made.close()


def test_a_container_whose_making_was_not_told_of_is_unmade_whole(backend: MemoryBackend) -> None:
    parts = backend.node.workloads._parts
    slow = Workloads(replace(parts, containers=Slow(backend.world)))

    with pytest.raises(TimedOut):
        slow.create(spec())

    assert backend.traces() == []
    assert backend.node.workloads.create(spec()).address
    backend.node.workloads.remove(NAMESPACE, "fn.1.0")
