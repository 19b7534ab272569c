"""Root filesystems, container records, and the tasks that run them."""

from collections.abc import Sequence
from typing import Protocol

from faasd.node.domain.blueprint import Blueprint, ContainerUser
from faasd.node.domain.container import ContainerRecord, Task
from faasd.node.domain.image import Image
from faasd.node.domain.usage import Usage


class Roots(Protocol):
    """Writable root filesystems on top of an image's layers, by container identifier."""

    def prepare(self, namespace: str, container: str, image: Image) -> None:
        """Make a fresh root; one left behind under the same identifier is replaced.

        Until a container record refers to it, only a lease that ends by itself protects it.
        """
        ...

    def resolve_user(self, namespace: str, container: str, user: str) -> ContainerUser:
        """Look `user` (``""``, ``uid[:gid]``, ``name[:group]``) up in the root's own files.

        Raises:
            Unsatisfiable: the root has no such user or group.
        """
        ...

    def remove(self, namespace: str, container: str) -> None:
        """Remove the root."""
        ...

    def list(self, namespace: str) -> Sequence[str]:
        """Return the container identifiers that have a root."""
        ...


class Containers(Protocol):
    """Container records."""

    def create(self, blueprint: Blueprint) -> ContainerRecord:
        """Store the record of a container; its root must be prepared.

        Raises:
            AlreadyExists: there is one of that identifier.
        """
        ...

    def find(self, namespace: str, container: str) -> ContainerRecord | None:
        """Return one record, or None."""
        ...

    def list(self, namespace: str) -> Sequence[ContainerRecord]:
        """Return all records of a namespace."""
        ...

    def delete(self, namespace: str, container: str) -> None:
        """Delete the record; its task must be deleted before."""
        ...


class Tasks(Protocol):
    """Running processes of containers."""

    def start(self, namespace: str, container: str, stdout: str, stderr: str) -> int:
        """Create and start the task, writing to the two FIFOs; return its pid.

        A task that failed to start is gone again.

        Raises:
            NotFound: there is no such container.
            AlreadyExists: it has a task.
            Unsatisfiable: it cannot run, e.g. its program is not in the image.
        """
        ...

    def signal(self, namespace: str, container: str, number: int) -> None:
        """Send a signal to the task's first process; a task that ended is a success."""
        ...

    def kill(self, namespace: str, container: str) -> None:
        """Send SIGKILL to every process of the container."""
        ...

    def wait(self, namespace: str, container: str, timeout: float) -> bool:
        """Wait up to `timeout` seconds for the task's end; tell whether it ended or is gone."""
        ...

    def delete(self, namespace: str, container: str) -> None:
        """Delete an ended task."""
        ...

    def pause(self, namespace: str, container: str) -> None:
        """Freeze every process of a running task.

        Raises:
            NotFound: there is no such task.
        """
        ...

    def resume(self, namespace: str, container: str) -> None:
        """Thaw a paused task.

        Raises:
            NotFound: there is no such task.
        """
        ...

    def find(self, namespace: str, container: str) -> Task | None:
        """Return the task, or None.

        Raises:
            TimedOut: what looks after it does not say what it is at.
        """
        ...

    def list(self, namespace: str) -> Sequence[Task]:
        """Return all tasks of a namespace; for one that `find` raises for is not waited."""
        ...

    def usage(self, namespace: str, container: str) -> Usage | None:
        """Return what the task uses now, or None where there is no task."""
        ...
