"""Namespaces, events and identity of the in-memory machine."""

from collections.abc import Iterator, Mapping
from queue import SimpleQueue

from faasd.base.errors import AlreadyExists, InUse, NotFound
from faasd.node.adapters.memory.world import MemoryWorld
from faasd.node.domain.events import EventKind, NodeEvent
from faasd.node.domain.image import Platform


class MemoryNamespaces:
    """Port `Namespaces`."""

    def __init__(self, world: MemoryWorld) -> None:
        self._world = world

    def ensure(self, namespace: str, labels: Mapping[str, str]) -> None:
        """Make it, set the labels."""
        self._world.check()
        self._world.namespaces.setdefault(namespace, {}).update(labels)

    def create(self, namespace: str, labels: Mapping[str, str]) -> None:
        """Make it."""
        self._world.check()
        if namespace in self._world.namespaces:
            raise AlreadyExists(f"namespace {namespace} exists already")
        self._world.namespaces[namespace] = dict(labels)

    def set_labels(self, namespace: str, labels: Mapping[str, str]) -> None:
        """Replace its labels."""
        self._world.check()
        if namespace not in self._world.namespaces:
            raise NotFound(f"there is no namespace {namespace}")
        self._world.namespaces[namespace] = dict(labels)

    def clear(self, namespace: str) -> None:
        """Forget its images."""
        self._world.check()
        for key in [key for key in self._world.images if key[0] == namespace]:
            del self._world.images[key]

    def list(self) -> Mapping[str, Mapping[str, str]]:
        """Return the labels of each."""
        self._world.check()
        return {name: dict(labels) for name, labels in self._world.namespaces.items()}

    def remove(self, namespace: str) -> None:
        """Remove it if it is empty."""
        self._world.check()
        held = [*self._world.records, *self._world.images, *self._world.roots]
        if any(space == namespace for space, _ in held):
            raise InUse(f"namespace {namespace} holds containers or images")
        self._world.namespaces.pop(namespace, None)


class MemoryEvents:
    """Port `Events`."""

    def __init__(self, world: MemoryWorld) -> None:
        self._world = world
        self._queue: SimpleQueue[NodeEvent | None] = SimpleQueue()
        self._queue.put(NodeEvent(kind=EventKind.RESYNC))
        world.listeners.append(self._queue)

    def stream(self) -> Iterator[NodeEvent]:
        """Yield what the world tells."""
        while (event := self._queue.get()) is not None:
            yield event

    def close(self) -> None:
        """End the stream."""
        if self._queue in self._world.listeners:
            self._world.listeners.remove(self._queue)
        self._queue.put(None)


class MemoryMachine:
    """Port `Machine`."""

    def __init__(self, world: MemoryWorld) -> None:
        self._world = world

    def version(self) -> str:
        """Return the name of this adapter."""
        self._world.check()
        return "memory"

    def platform(self) -> Platform:
        """Return the world's platform."""
        return self._world.platform

    def memory(self) -> int:
        """Return the world's memory."""
        return self._world.memory

    def close(self) -> None:
        """The world outlives its nodes."""
