"""Networks, files and pipes of the in-memory machine."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from faasd.base.errors import NoRoom, Unsatisfiable
from faasd.node.adapters.memory.world import MemoryWorld
from faasd.node.domain.blueprint import ContainerUser
from faasd.node.domain.container import ContainerSpec, Mount, SecretFile
from faasd.node.domain.network import Network


class MemoryNetworks:
    """Port `Networks`, on loopback."""

    def __init__(self, world: MemoryWorld) -> None:
        self._world = world

    def prepare(self) -> str:
        """Loopback is there."""
        return "127.0.0.1"

    def attach(self, namespace: str, container: str) -> Network:
        """Give an address."""
        with self._world.lock:
            if self._world.addresses_left <= 0:
                raise NoRoom("no address is left on the bridge")
            self._world.addresses_left -= 1
            network = Network(
                namespace=namespace,
                container=container,
                path=f"/memory/{namespace}/{container}",
                address=self._world.next_address(),
            )
            self._world.networks[namespace, container] = network
        return network

    def detach(self, namespace: str, container: str) -> None:
        """Take the address back."""
        with self._world.lock:
            if self._world.networks.pop((namespace, container), None) is not None:
                self._world.addresses_left += 1

    def find(self, namespace: str, container: str) -> Network | None:
        """Return a container's network, or None."""
        return self._world.networks.get((namespace, container))

    def list(self) -> Sequence[Network]:
        """Return every network."""
        return list(self._world.networks.values())


class MemoryReplicaFiles:
    """Port `ReplicaFiles`; the secrets must be real files."""

    def __init__(self, world: MemoryWorld) -> None:
        self._world = world

    def prepare(self, spec: ContainerSpec, user: ContainerUser) -> tuple[Mount, ...]:  # noqa: ARG002
        """Read the secrets."""
        for secret in spec.secrets:
            if not Path(secret.source).is_file():
                raise Unsatisfiable(f"secret {secret.name} does not exist", field="secrets")
            content = Path(secret.source).read_bytes()
            self._world.secrets[spec.namespace, spec.id, secret.name] = content
        self._world.files.add((spec.namespace, spec.id))
        return spec.mounts

    def update_secret(self, namespace: str, secret: SecretFile) -> None:
        """Read it again for all who have it."""
        for key in list(self._world.secrets):
            if (key[0], key[2]) == (namespace, secret.name):
                self._world.secrets[key] = Path(secret.source).read_bytes()

    def exist(self, namespace: str, container: str) -> bool:
        """Tell whether they were made."""
        return (namespace, container) in self._world.files

    def remove(self, namespace: str, container: str) -> None:
        """Forget them."""
        self._world.files.discard((namespace, container))
        for key in [key for key in self._world.secrets if key[:2] == (namespace, container)]:
            del self._world.secrets[key]

    def list(self) -> Sequence[tuple[str, str]]:
        """Return those made."""
        return list(self._world.files)


class MemoryLogPipes:
    """Port `LogPipes`; programs write nothing to them."""

    def __init__(self, world: MemoryWorld) -> None:
        self._world = world

    def prepare(self, namespace: str, name: str, container: str) -> tuple[str, str]:
        """Remember them."""
        self._world.pipes.add((namespace, name, container))
        return "/dev/null", "/dev/null"

    def held_open(self, paths: tuple[str, str]) -> AbstractContextManager[None]:  # noqa: ARG002
        """Nobody waits here."""
        return nullcontext()

    def print_line(self, namespace: str, name: str, container: str, text: str) -> None:
        """Write it where `MemoryLogs` reads."""
        self._world.print(namespace, name, container, text)

    def remove(self, namespace: str, name: str, container: str) -> None:
        """Forget them."""
        self._world.pipes.discard((namespace, name, container))

    def list(self) -> Sequence[tuple[str, str, str]]:
        """Return those made."""
        return list(self._world.pipes)
