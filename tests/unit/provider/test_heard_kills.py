"""Kills for memory are heard beside all else."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from faasd.node.adapters.memory.runtime import MemoryTasks
from faasd.node.domain.container import Task
from faasd.node.open import open_memory_node
from faasd.node.workloads.workloads import Workloads
from tests.unit.provider.making import NAME
from tests.unit.provider.running import NAMESPACE, RunningProvider, eventually


class Waiting(MemoryTasks):
    """Says nothing of one container until it may."""

    name, may = "", threading.Event()

    def find(self, namespace: str, container: str) -> Task | None:
        if container == self.name:
            self.may.wait(20)
        return super().find(namespace, container)


@contextmanager
def waiting(provider: RunningProvider) -> Iterator[Waiting]:
    """Let the provider go on with tasks of which some are not told of."""
    node = open_memory_node(provider.world)
    tasks = Waiting(provider.world)
    parts = replace(node.workloads._parts, tasks=tasks)
    provider.start_on(replace(node, workloads=Workloads(parts)))
    try:
        yield tasks
    finally:
        tasks.may.set()


def test_who_was_killed_for_its_memory_is_asked_beside_what_else_is_heard(
    provider: RunningProvider,
) -> None:
    provider.stop()
    with waiting(provider) as tasks:
        provider.deploy_ready()
        provider.deploy_ready("other")
        before = provider.workloads("other")["other.2.0"].task.pid
        tasks.name = "echo.1.0"
        provider.world.kill_child(NAMESPACE, "echo.1.0")

        provider.world.crash(NAMESPACE, "other.2.0")

        assert eventually(lambda: provider.running("other") == ["other.2.0"])
        assert eventually(lambda: provider.workloads("other")["other.2.0"].task.pid != before)
    assert eventually(
        lambda: (
            [line.text for line in provider.world.printed if line.name == NAME]
            == ["killed: the machine had no memory left for it"]
        )
    )
