"""containerd's adapters, bundled over one connection."""

from dataclasses import dataclass

from faasd.node.adapters.containerd.channel import Channel
from faasd.node.adapters.containerd.containers import ContainerdContainers
from faasd.node.adapters.containerd.events import ContainerdEvents
from faasd.node.adapters.containerd.execs import ContainerdExecs
from faasd.node.adapters.containerd.images import ContainerdImages
from faasd.node.adapters.containerd.leases import Leases
from faasd.node.adapters.containerd.roots import ContainerdRoots
from faasd.node.adapters.containerd.snapshots import Snapshots
from faasd.node.adapters.containerd.system import ContainerdMachine, ContainerdNamespaces
from faasd.node.adapters.containerd.tasks import ContainerdTasks


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerdClient:
    """One containerd's adapters; closing the machine closes all."""

    machine: ContainerdMachine
    namespaces: ContainerdNamespaces
    events: ContainerdEvents
    images: ContainerdImages
    roots: ContainerdRoots
    containers: ContainerdContainers
    tasks: ContainerdTasks
    execs: ContainerdExecs


def connect(socket: str, snapshotter: str) -> ContainerdClient:
    """Return the adapters of the containerd behind a socket; nothing is asked of it yet."""
    channel = Channel(socket)
    snapshots = Snapshots(channel, snapshotter)
    leases = Leases(channel)
    roots = ContainerdRoots(snapshots, leases)
    containers = ContainerdContainers(channel, leases, snapshotter)
    return ContainerdClient(
        machine=ContainerdMachine(channel, snapshotter),
        namespaces=ContainerdNamespaces(channel),
        events=ContainerdEvents(channel),
        images=ContainerdImages(channel, snapshots, leases),
        roots=roots,
        containers=containers,
        tasks=ContainerdTasks(channel, roots),
        execs=ContainerdExecs(channel, containers),
    )
