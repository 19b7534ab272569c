"""A container ready to be made: the spec, and everything that was prepared for it."""

from dataclasses import dataclass

from faasd.node.domain.container import ContainerSpec, Mount
from faasd.node.domain.image import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerUser:
    """Whom the container's process runs as, resolved against the image's passwd and group files."""

    uid: int = 0
    gid: int = 0
    groups: tuple[int, ...] = ()
    home: str = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """What a container record is made of.

    Attributes:
        mounts: the files prepared for it (hosts, resolv.conf, secrets) and those of the spec.
        network_path: the file that holds its network namespace; None for the node's own.
        address: its IPv4 address on the bridge, None on the node's network.
    """

    spec: ContainerSpec
    image: Image
    user: ContainerUser
    mounts: tuple[Mount, ...]
    network_path: str | None
    address: str | None
