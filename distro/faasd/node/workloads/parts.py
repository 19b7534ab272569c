"""The ports that use cases stand on, bundled."""

from dataclasses import dataclass

from faasd.node.ports.images import ImageStore
from faasd.node.ports.runtime import Containers, Roots, Tasks
from faasd.node.ports.surroundings import LogPipes, Networks, ReplicaFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """One machine's ports, as `Workloads` needs them."""

    images: ImageStore
    roots: Roots
    containers: Containers
    tasks: Tasks
    networks: Networks
    files: ReplicaFiles
    pipes: LogPipes
