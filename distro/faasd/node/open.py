"""Opens a node: the one place that knows which adapters stand behind the ports."""

from dataclasses import dataclass

from faasd.node.ports.system import Events, Machine, Namespaces
from faasd.node.workloads.images import Images
from faasd.node.workloads.workloads import Workloads


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One machine that runs containers. Every part may be used from any thread.

    Attributes:
        machine: what stands behind it.
        namespaces: containerd namespaces.
        images: pull, load, find, list and remove images.
        workloads: create, start, stop, pause, resume, remove, find and list containers.
        events: what happens to them.
    """

    machine: Machine
    namespaces: Namespaces
    images: Images
    workloads: Workloads
    events: Events

    def close(self) -> None:
        """Let go of everything: the event stream ends, calls under way fail with Unavailable."""
        self.events.close()
        self.machine.close()
