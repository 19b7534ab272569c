"""The machine as a whole: its namespaces, its events, what it is."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from faasd.node.domain.events import NodeEvent
from faasd.node.domain.image import Platform


class Namespaces(Protocol):
    """containerd namespaces and their labels."""

    def ensure(self, namespace: str, labels: Mapping[str, str]) -> None:
        """Make the namespace if it is missing, and set these labels on it beside its others."""
        ...

    def create(self, namespace: str, labels: Mapping[str, str]) -> None:
        """Make a namespace.

        Raises:
            AlreadyExists: there is one of that name.
            InvalidInput: the runtime takes no such name or label.
        """
        ...

    def set_labels(self, namespace: str, labels: Mapping[str, str]) -> None:
        """Let a namespace have these labels and no others.

        Raises:
            NotFound: there is no such namespace.
        """
        ...

    def clear(self, namespace: str) -> None:
        """Forget every image of a namespace, and free what only they needed."""
        ...

    def list(self) -> Mapping[str, Mapping[str, str]]:
        """Return the labels of each namespace."""
        ...

    def remove(self, namespace: str) -> None:
        """Remove an empty namespace.

        Raises:
            InUse: it holds something.
        """
        ...


class Events(Protocol):
    """The stream of what happens to containers."""

    def stream(self) -> Iterator[NodeEvent]:
        """Yield events until `close`, RESYNC first and again whenever some may be missing.

        It outlives restarts of containerd: it waits for it, then goes on with a RESYNC.
        """
        ...

    def close(self) -> None:
        """End the stream, from any thread."""
        ...


class Machine(Protocol):
    """The runtime that stands behind the ports."""

    def version(self) -> str:
        """Return the runtime's name and version, e.g. ``containerd 1.6.20``."""
        ...

    def platform(self) -> Platform:
        """Return the platform containers run on."""
        ...

    def memory(self) -> int:
        """Return the bytes of memory that the machine has, without swap."""
        ...

    def close(self) -> None:
        """Let go of connections and threads; calls under way fail with Unavailable."""
        ...
