"""What lies around a container: its network, the files made for it, its log pipes."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from faasd.node.domain.blueprint import ContainerUser
from faasd.node.domain.container import ContainerSpec, Mount, SecretFile
from faasd.node.domain.network import Network


class Networks(Protocol):
    """Network namespaces with an address on the bridge; they outlive tasks, not reboots."""

    def prepare(self) -> str:
        """Make the bridge, forwarding and the firewall if they are missing.

        Return the node's own IPv4 address on the bridge; containers reach the node there.
        """
        ...

    def attach(self, namespace: str, container: str) -> Network:
        """Make the container's network namespace and give it an address.

        What an interrupted attach left under the same identifier is removed first; a failed one
        leaves nothing.

        Raises:
            NoRoom: no address is left.
        """
        ...

    def detach(self, namespace: str, container: str) -> None:
        """Free the address and remove the namespace, however much of it is there."""
        ...

    def find(self, namespace: str, container: str) -> Network | None:
        """Return a container's network, or None; cheap, for the path of a cold start."""
        ...

    def list(self) -> Sequence[Network]:
        """Return every network this node made, those without an address included."""
        ...


class ReplicaFiles(Protocol):
    """Files the node makes for one container: secrets its user can read, hosts, resolv.conf."""

    def prepare(self, spec: ContainerSpec, user: ContainerUser) -> tuple[Mount, ...]:
        """Write them and return how to mount them; doing it again rewrites them in place.

        Raises:
            Unsatisfiable: a secret is missing; the sentence names it.
        """
        ...

    def update_secret(self, namespace: str, secret: SecretFile) -> None:
        """Give every container of the namespace that has this secret its bytes of now.

        Each sees the old bytes or the new; a container being made meanwhile gets the new.

        Raises:
            NoRoom: one cannot be written; doing it again does the rest.
        """
        ...

    def exist(self, namespace: str, container: str) -> bool:
        """Tell whether they are there: a reboot takes them."""
        ...

    def remove(self, namespace: str, container: str) -> None:
        """Remove them."""
        ...

    def list(self) -> Sequence[tuple[str, str]]:
        """Return (namespace, container) of all."""
        ...


class LogPipes(Protocol):
    """The FIFOs through which a container's output reaches the collector."""

    def prepare(self, namespace: str, name: str, container: str) -> tuple[str, str]:
        """Make what is missing; return the paths for stdout and stderr."""
        ...

    def held_open(self, paths: tuple[str, str]) -> AbstractContextManager[None]:
        """Keep both open while a task starts: a shim waits for a reader, the collector or this."""
        ...

    def print_line(self, namespace: str, name: str, container: str, text: str) -> None:
        """Write a line as if the container had printed it; where nobody reads, nothing happens."""
        ...

    def remove(self, namespace: str, name: str, container: str) -> None:
        """Remove them; the collector first reads what is left in them."""
        ...

    def list(self) -> Sequence[tuple[str, str, str]]:
        """Return (namespace, name, container) of all."""
        ...
