"""Opens a node: the one place that knows which adapters stand behind the ports."""

from dataclasses import dataclass

from faasd.node.adapters.memory.execs import MemoryExecs
from faasd.node.adapters.memory.images import MemoryImageSource, MemoryImageStore
from faasd.node.adapters.memory.logs import MemoryLogs
from faasd.node.adapters.memory.runtime import MemoryContainers, MemoryRoots, MemoryTasks
from faasd.node.adapters.memory.surroundings import (
    MemoryLogPipes,
    MemoryNetworks,
    MemoryReplicaFiles,
)
from faasd.node.adapters.memory.system import MemoryEvents, MemoryMachine, MemoryNamespaces
from faasd.node.adapters.memory.world import MemoryWorld
from faasd.node.domain.settings import NodeSettings
from faasd.node.ports.execs import Execs
from faasd.node.ports.logs import Logs
from faasd.node.ports.surroundings import Networks
from faasd.node.ports.system import Events, Machine, Namespaces
from faasd.node.workloads.images import Images
from faasd.node.workloads.parts import Parts
from faasd.node.workloads.workloads import Workloads


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One machine that runs containers. Every part may be used from any thread.

    Attributes:
        machine: what stands behind it.
        namespaces: containerd namespaces.
        networks: the bridge (`Networks.prepare`) and the replicas' network namespaces.
        images: pull, load, find, list and remove images.
        workloads: create, start, stop, pause, resume, remove, find and list containers.
        execs: further programs in running containers.
        events: what happens to them.
        logs: what they printed.
    """

    machine: Machine
    namespaces: Namespaces
    networks: Networks
    images: Images
    workloads: Workloads
    execs: Execs
    events: Events
    logs: Logs

    def close(self) -> None:
        """Let go of everything: the event stream ends, calls under way fail with Unavailable."""
        self.events.close()
        self.machine.close()


def open_memory_node(world: MemoryWorld) -> Node:
    """Open a node on an in-memory machine; tests make things befall the `world`."""
    store = MemoryImageStore(world)
    parts = Parts(
        images=store,
        roots=MemoryRoots(world),
        containers=MemoryContainers(world),
        tasks=MemoryTasks(world),
        networks=MemoryNetworks(world),
        files=MemoryReplicaFiles(world),
        pipes=MemoryLogPipes(world),
    )
    return Node(
        machine=MemoryMachine(world),
        namespaces=MemoryNamespaces(world),
        networks=parts.networks,
        images=Images(MemoryImageSource(world), store, MemoryMachine(world).platform),
        workloads=Workloads(parts),
        execs=MemoryExecs(world),
        events=MemoryEvents(world),
        logs=MemoryLogs(world),
    )


def open_node(settings: NodeSettings) -> Node:
    """Open the machine that this program runs on; nothing is asked of containerd yet."""
    from faasd.node.adapters.cni.networks import CniNetworks
    from faasd.node.adapters.containerd.client import connect
    from faasd.node.adapters.filesystem.pipes import FifoLogPipes
    from faasd.node.adapters.filesystem.replica_files import FilesystemReplicaFiles
    from faasd.node.adapters.images.source import SkopeoImages
    from faasd.node.adapters.logs import CollectedLogs

    client = connect(settings.containerd_socket, settings.snapshotter)
    parts = Parts(
        images=client.images,
        roots=client.roots,
        containers=client.containers,
        tasks=client.tasks,
        networks=CniNetworks(settings),
        files=FilesystemReplicaFiles(settings.run_dir),
        pipes=FifoLogPipes(settings.run_dir),
    )
    return Node(
        machine=client.machine,
        namespaces=client.namespaces,
        networks=parts.networks,
        images=Images(SkopeoImages(settings), client.images, client.machine.platform),
        workloads=Workloads(parts),
        execs=client.execs,
        events=client.events,
        logs=CollectedLogs(settings),
    )
