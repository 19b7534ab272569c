"""The machines that the contract tests run on, each with the same images and the same accidents."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from faasd.node.adapters.memory.images import make_layout
from faasd.node.adapters.memory.world import MemoryWorld
from faasd.node.open import Node, open_memory_node

NAMESPACE = "openfaas-fn"


def image(program: str) -> str:
    """Return the name of the image whose entrypoint is ``/bin/PROGRAM``."""
    return f"docker.io/library/{program}:latest"


PROGRAMS = ("serve", "exit", "silent", "stubborn")


class Backend(Protocol):
    """A machine under test, with images `image(p)` for each of PROGRAMS held in NAMESPACE."""

    node: Node

    def open(self) -> Node:
        """Open the machine once more, as another program does."""
        ...

    def hold_images(self, namespace: str) -> None:
        """Take the programs' images into another namespace."""
        ...

    def crash(self, container: str) -> None:
        """Kill the container's process behind the node's back."""
        ...

    def reboot(self) -> None:
        """End every process and take what a reboot takes."""
        ...

    def down(self) -> None:
        """Let containerd die; containers go on."""
        ...

    def up(self) -> None:
        """Let containerd come back."""
        ...

    def traces(self) -> list[str]:
        """List everything that is there for containers of NAMESPACE, images aside."""
        ...


@dataclass
class MemoryBackend:
    """The in-memory machine."""

    world: MemoryWorld
    node: Node

    @classmethod
    def start(cls) -> "MemoryBackend":
        world = MemoryWorld()
        node = open_memory_node(world)
        node.namespaces.ensure(NAMESPACE, {"openfaas": "true"})
        for program in PROGRAMS:
            layout = make_layout(image(program), (f"/bin/{program}",))
            world.registry[layout.name] = layout
            node.images.pull(NAMESPACE, node.images.resolve(layout.name))
        return cls(world=world, node=node)

    def open(self) -> Node:
        return open_memory_node(self.world)

    def hold_images(self, namespace: str) -> None:
        for program in PROGRAMS:
            self.node.images.pull(namespace, self.node.images.resolve(image(program)))

    def crash(self, container: str) -> None:
        self.world.crash(NAMESPACE, container)

    def eat_memory(self, container: str) -> None:
        self.world.eat_memory(NAMESPACE, container)

    def reboot(self) -> None:
        self.world.reboot()

    def down(self) -> None:
        self.world.go_down()

    def up(self) -> None:
        self.world.come_back()

    def traces(self) -> list[str]:
        world = self.world
        kinds: dict[str, Iterable[tuple[str, str]]] = {
            "record": world.records,
            "root": world.roots,
            "network": world.networks,
            "task": world.tasks,
            "files": world.files,
        }
        found = [f"{kind} {key[1]}" for kind, keys in kinds.items() for key in keys]
        return sorted(found + [f"pipes {key[2]}" for key in world.pipes])

    def close(self) -> None:
        self.node.close()
        self.world.shut_down()
