"""Containers with all that surrounds them: made whole, or not at all."""

import signal
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from threading import Lock

from faasd.base.errors import AlreadyExists, NotFound, Unavailable, Unsatisfiable
from faasd.node.domain.blueprint import Blueprint
from faasd.node.domain.container import (
    ContainerRecord,
    ContainerSpec,
    SecretFile,
    Task,
    TaskState,
    Workload,
)
from faasd.node.domain.image import Image
from faasd.node.domain.usage import Usage
from faasd.node.workloads.parts import Parts
from faasd.node.workloads.sweep import sweep_namespace

KILL_TIMEOUT = 10.0
"""Seconds the kernel has to end a container after SIGKILL."""


class Workloads:
    """The containers of one node. Calls for different containers may run at the same time."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._records: dict[tuple[str, str], ContainerRecord] = {}
        self._making: set[tuple[str, str]] = set()
        self._lock = Lock()

    def create(self, spec: ContainerSpec) -> Workload:
        """Make a container, its network and its files; it does not run yet.

        Where the container exists but a reboot took what surrounds it (`Workload.address` is
        None), that is made again, with a new address. A failed step undoes the ones before it.

        Raises:
            AlreadyExists: it exists, whole.
            Unsatisfiable: the image is not on the node, a secret or the user is missing.
            NoRoom: no disk or address is left.
        """
        key = (spec.namespace, spec.id)
        with self._lock:
            if key in self._making:
                raise AlreadyExists(f"container {spec.id} is being made by another call")
            self._making.add(key)
        try:
            return self._create(spec)
        finally:
            with self._lock:
                self._making.discard(key)

    def start(self, namespace: str, container: str) -> Workload:
        """Run the container; resume it if it is paused. Running already is a success.

        Raises:
            NotFound: there is no such container, or a reboot took its network: `create` it again.
            Unsatisfiable: it cannot run, e.g. its program is not in the image.
        """
        record = self._record(namespace, container)
        address = self._address(record)
        if record.has_network and address is None:
            raise NotFound(f"the network of container {container} is gone: create it again")
        pipes = self._parts.pipes.prepare(namespace, _name(record), container)
        with self._parts.pipes.held_open(pipes):
            try:
                pid = self._parts.tasks.start(namespace, container, *pipes)
            except AlreadyExists:
                return self._start_again(record, pipes)
        task = Task(id=container, state=TaskState.RUNNING, pid=pid)
        return Workload(record=record, task=task, address=address)

    def stop(self, namespace: str, container: str) -> None:
        """End the task: SIGTERM, the container's grace, SIGKILL. The container stays.

        Raises:
            NotFound: there is no such container.
            Unavailable: it does not end even by SIGKILL.
        """
        record = self._record(namespace, container)
        tasks = self._parts.tasks
        task = tasks.find(namespace, container)
        if task is None:
            return
        if task.state is TaskState.PAUSED:
            tasks.resume(namespace, container)
        if task.state is not TaskState.STOPPED:
            tasks.signal(namespace, container, signal.SIGTERM)
            if not tasks.wait(namespace, container, record.grace):
                self._kill(namespace, container)
        tasks.delete(namespace, container)

    def pause(self, namespace: str, container: str) -> None:
        """Freeze a running container where it is.

        Raises:
            NotFound: nothing runs.
        """
        self._parts.tasks.pause(namespace, container)

    def resume(self, namespace: str, container: str) -> None:
        """Thaw a paused container.

        Raises:
            NotFound: nothing is paused.
        """
        self._parts.tasks.resume(namespace, container)

    def thaw(self, known: Workload) -> Workload:
        """Resume a container that was seen paused, by one call; `start` it if it is not any more.

        Raises:
            NotFound, Unsatisfiable: as `start`.
        """
        try:
            self._parts.tasks.resume(known.namespace, known.id)
        except NotFound:
            return self.start(known.namespace, known.id)
        return replace(known, task=replace(known.task, state=TaskState.RUNNING))

    def remove(self, namespace: str, container: str) -> None:
        """End the container and remove all that was made for it; half of it gone is fine.

        The record goes last but for its root, so that a remove cut short is seen and done again.
        """
        record = self._parts.containers.find(namespace, container)
        if record is not None:
            self.stop(namespace, container)
            self._parts.pipes.remove(namespace, _name(record), container)
        self._parts.networks.detach(namespace, container)
        self._parts.files.remove(namespace, container)
        self._parts.containers.delete(namespace, container)
        self._parts.roots.remove(namespace, container)
        self._records.pop((namespace, container), None)

    def find(self, namespace: str, container: str) -> Workload | None:
        """Return one container, or None.

        Raises:
            TimedOut: containerd could not say in time what it is at.
        """
        task = self._parts.tasks.find(namespace, container)
        # A task is its container's: where there is one, the record need not be asked for again.
        record = self._records.get((namespace, container)) if task is not None else None
        record = record or self._parts.containers.find(namespace, container)
        return None if record is None else self._seen(record, task or Task(id=container))

    def list(self, namespace: str) -> Sequence[Workload]:
        """Return all containers of a namespace; see `Task.pid` for those nobody could tell of."""
        tasks = {task.id: task for task in self._parts.tasks.list(namespace)}
        return [
            self._seen(record, tasks.get(record.id, Task(id=record.id)))
            for record in self._parts.containers.list(namespace)
        ]

    def usage(self, namespace: str, container: str) -> Usage | None:
        """Return what a container uses now, or None where nothing runs."""
        return self._parts.tasks.usage(namespace, container)

    def print_line(self, workload: Workload, text: str) -> None:
        """Write a line into a container's log as if it had printed it."""
        pipes = self._parts.pipes
        pipes.print_line(workload.namespace, workload.name, workload.id, text)

    def update_secret(self, namespace: str, secret: SecretFile) -> None:
        """Show every container of a namespace that has a secret its bytes of now, in place.

        Raises:
            NoRoom: one cannot be written; doing it again does the rest.
        """
        self._parts.files.update_secret(namespace, secret)

    def sweep(self, namespaces: Sequence[str]) -> Sequence[str]:
        """Remove what has no container: roots, networks, addresses, files, pipes.

        Only a killed process leaves such. What is being made meanwhile is let alone.

        Returns:
            One sentence for each thing removed.
        """
        removed: list[str] = []
        for namespace in namespaces:
            removed += sweep_namespace(self._parts, namespace, partial(self._in_making, namespace))
        return removed

    def _in_making(self, namespace: str) -> set[str]:
        with self._lock:
            return {container for space, container in self._making if space == namespace}

    def _create(self, spec: ContainerSpec) -> Workload:
        image = self._parts.images.find(spec.namespace, spec.image)
        if image is None:
            raise Unsatisfiable(f"image {spec.image} is not on the node", field="image")
        record = self._parts.containers.find(spec.namespace, spec.id)
        if record is not None:
            try:
                return self._restore(spec, image, record)
            except NotFound:  # Its root is gone: nothing can be made around that.
                self.remove(spec.namespace, spec.id)
        return self._make(spec, image)

    def _make(self, spec: ContainerSpec, image: Image) -> Workload:
        with ExitStack() as undo:
            undo.callback(self._parts.roots.remove, spec.namespace, spec.id)
            self._parts.roots.prepare(spec.namespace, spec.id, image)
            blueprint = self._surround(spec, image, undo)
            # Where the call fails, too: that it was done may have been told too late.
            undo.callback(self._parts.containers.delete, spec.namespace, spec.id)
            record = self._parts.containers.create(blueprint)
            undo.pop_all()
        return self._seen(record, Task(id=spec.id))

    def _restore(self, spec: ContainerSpec, image: Image, record: ContainerRecord) -> Workload:
        if self._is_whole(record):
            raise AlreadyExists(f"container {spec.id} exists already")
        with ExitStack() as undo:
            self._surround(spec, image, undo)
            undo.pop_all()
        task = self._parts.tasks.find(spec.namespace, spec.id) or Task(id=spec.id)
        return self._seen(record, task)

    def _surround(self, spec: ContainerSpec, image: Image, undo: ExitStack) -> Blueprint:
        where = (spec.namespace, spec.id)
        user = self._parts.roots.resolve_user(*where, spec.user or image.config.user)
        undo.callback(self._parts.files.remove, *where)
        mounts = self._parts.files.prepare(spec, user)
        undo.callback(self._parts.pipes.remove, spec.namespace, spec.name, spec.id)
        self._parts.pipes.prepare(spec.namespace, spec.name, spec.id)
        network = None
        if not spec.host_network:
            network = self._parts.networks.attach(*where)
            undo.callback(self._parts.networks.detach, *where)
        return Blueprint(
            spec=spec,
            image=image,
            user=user,
            mounts=mounts,
            network_path=network.path if network else None,
            address=network.address if network else None,
        )

    def _start_again(self, record: ContainerRecord, pipes: tuple[str, str]) -> Workload:
        """A task is there: keep one that runs, thaw a paused one, replace one that ended."""
        where = (record.namespace, record.id)
        tasks = self._parts.tasks
        task = tasks.find(*where)
        if task is not None and task.state is TaskState.PAUSED:
            tasks.resume(*where)
        elif task is None or task.state is not TaskState.RUNNING:
            if task is not None and task.state is TaskState.CREATED:
                self._kill(*where)
            tasks.delete(*where)
            tasks.start(*where, *pipes)
        return self._seen(record, tasks.find(*where) or Task(id=record.id))

    def _kill(self, namespace: str, container: str) -> None:
        self._parts.tasks.kill(namespace, container)
        if not self._parts.tasks.wait(namespace, container, KILL_TIMEOUT):
            raise Unavailable(
                f"container {container} did not end within {KILL_TIMEOUT:.0f} s of SIGKILL"
            )

    def _record(self, namespace: str, container: str) -> ContainerRecord:
        """Return the record without asking containerd where it was seen: it does not change."""
        record = self._records.get((namespace, container))
        if record is None:
            record = self._parts.containers.find(namespace, container)
        if record is None:
            raise NotFound(f"there is no container {container} in namespace {namespace}")
        self._records[namespace, container] = record
        return record

    def _seen(self, record: ContainerRecord, task: Task) -> Workload:
        self._records[record.namespace, record.id] = record
        return Workload(record=record, task=task, address=self._address(record))

    def _address(self, record: ContainerRecord) -> str | None:
        if not record.has_network:
            return None
        network = self._parts.networks.find(record.namespace, record.id)
        return network.address if network else None

    def _is_whole(self, record: ContainerRecord) -> bool:
        has_files = self._parts.files.exist(record.namespace, record.id)
        return has_files and not (record.has_network and self._address(record) is None)


def _name(record: ContainerRecord) -> str:
    return Workload(record=record, task=Task(id=record.id), address=None).name
