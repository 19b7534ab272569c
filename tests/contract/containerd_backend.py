"""Real containerd, with the accidents that the contract needs."""

from dataclasses import dataclass
from pathlib import Path

from faasd.node.open import Node
from tests.contract.backends import NAMESPACE
from tests.machine.accidents import kill_hard
from tests.machine.node import RealMachine, list_traces, wait_for_node


@dataclass
class ContainerdBackend:
    """A node on a real containerd; what a test leaves is removed by `close`."""

    machine: RealMachine
    node: Node

    def open(self) -> Node:
        return self.machine.open()

    def hold_images(self, namespace: str) -> None:
        archive = Path(self.machine.settings.state_dir).parent / "programs.tar"
        self.node.images.load(namespace, archive)

    def crash(self, container: str) -> None:
        found = self.node.workloads.find(NAMESPACE, container)
        assert found is not None
        kill_hard(found.task.pid)

    def reboot(self) -> None:
        self.machine.reboot()
        wait_for_node(self.node)
        self.node.networks.prepare()

    def down(self) -> None:
        self.machine.containerd.kill()

    def up(self) -> None:
        self.machine.containerd.start()
        wait_for_node(self.node)

    def traces(self) -> list[str]:
        return list_traces(self.machine.containerd)

    def close(self) -> None:
        for workload in self.node.workloads.list(NAMESPACE):
            self.node.workloads.remove(NAMESPACE, workload.id)
        self.node.workloads.sweep([NAMESPACE])
        self.node.close()
        assert self.traces() == []
