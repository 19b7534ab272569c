"""Roots, container records and tasks of the in-memory machine."""

import itertools
import signal
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from faasd.base.errors import AlreadyExists, NotFound, Unavailable, Unsatisfiable
from faasd.node.adapters.memory.programs import Launch, OnExit, launch
from faasd.node.adapters.memory.world import SIGKILL_STATUS, Key, MemoryWorld, RunningTask
from faasd.node.domain.blueprint import Blueprint, ContainerUser
from faasd.node.domain.container import (
    LABEL_GENERATION,
    LABEL_NAME,
    LABEL_REPLICA,
    ContainerRecord,
    Task,
    TaskState,
)
from faasd.node.domain.events import EventKind, NodeEvent
from faasd.node.domain.image import Image
from faasd.node.domain.usage import Usage

_USERS = {"": 0, "root": 0, "app": 100}
_pids = itertools.count(1000)


class MemoryRoots:
    """Port `Roots`; the images have the users root and app."""

    def __init__(self, world: MemoryWorld) -> None:
        self._world = world

    def prepare(self, namespace: str, container: str, image: Image) -> None:
        """Make a root."""
        self._world.check()
        self._world.roots[namespace, container] = image

    def resolve_user(self, namespace: str, container: str, user: str) -> ContainerUser:
        """Know root, app and numbers."""
        if (namespace, container) not in self._world.roots:
            raise NotFound(f"container {container} has no root")
        name = user.partition(":")[0]
        if name.isdigit():
            return ContainerUser(uid=int(name))
        if name not in _USERS:
            raise Unsatisfiable(f"the image has no user {name!r}", field="user")
        return ContainerUser(uid=_USERS[name], gid=_USERS[name])

    def remove(self, namespace: str, container: str) -> None:
        """Remove the root."""
        self._world.check()
        self._world.roots.pop((namespace, container), None)

    def list(self, namespace: str) -> Sequence[str]:
        """Return the containers that have one."""
        self._world.check()
        return [container for space, container in list(self._world.roots) if space == namespace]


class MemoryContainers:
    """Port `Containers`."""

    def __init__(self, world: MemoryWorld) -> None:
        self._world = world

    def create(self, blueprint: Blueprint) -> ContainerRecord:
        """Store a record."""
        self._world.check()
        spec = blueprint.spec
        key = (spec.namespace, spec.id)
        with self._world.lock:
            if key in self._world.records:
                raise AlreadyExists(f"container {spec.id} exists already")
            record = ContainerRecord(
                namespace=spec.namespace,
                id=spec.id,
                image=spec.image,
                labels={
                    **spec.labels,
                    LABEL_NAME: spec.name,
                    LABEL_GENERATION: str(spec.generation),
                    LABEL_REPLICA: str(spec.replica),
                },
                created_at=datetime.now(UTC),
                shim_group=spec.shim_group,
                has_network=not spec.host_network,
                grace=spec.grace,
            )
            self._world.records[key] = record
            self._world.blueprints[key] = blueprint
        return record

    def find(self, namespace: str, container: str) -> ContainerRecord | None:
        """Return a record, or None."""
        self._world.check()
        return self._world.records.get((namespace, container))

    def list(self, namespace: str) -> Sequence[ContainerRecord]:
        """Return the records of a namespace."""
        self._world.check()
        records = dict(self._world.records)
        return [record for key, record in records.items() if key[0] == namespace]

    def delete(self, namespace: str, container: str) -> None:
        """Delete a record."""
        self._world.check()
        self._world.records.pop((namespace, container), None)
        self._world.blueprints.pop((namespace, container), None)


class MemoryTasks:
    """Port `Tasks`."""

    def __init__(self, world: MemoryWorld) -> None:
        self._world = world

    def start(self, namespace: str, container: str, stdout: str, stderr: str) -> int:  # noqa: ARG002
        """Run the program of the blueprint."""
        self._world.check()
        key = (namespace, container)
        with self._world.lock:
            if key in self._world.shimless:
                raise Unavailable(f"failed to create shim task of {container}")
            if key in self._world.tasks:
                raise AlreadyExists(f"container {container} has a task")
            blueprint = self._world.blueprints.get(key)
            if blueprint is None:
                raise NotFound(f"there is no container {container}")
            exits: list[int] = []
            process = launch(self._launch(key, blueprint, exits.append))
            pid = next(_pids)
            task = Task(id=container, state=TaskState.RUNNING, pid=pid)
            self._world.tasks[key] = RunningTask(process=process, task=task)
        self._world.tell(
            NodeEvent(kind=EventKind.STARTED, namespace=namespace, container=container)
        )
        for status in exits:
            self._world.task_ended(key, status)
        return pid

    def signal(self, namespace: str, container: str, number: int) -> None:
        """Send SIGTERM or SIGKILL."""
        self._world.check_shim((namespace, container))
        running = self._running((namespace, container))
        if running is None or (number == signal.SIGTERM and not running.process.terminate()):
            return
        running.process.end()
        self._world.task_ended((namespace, container), 128 + number)

    def kill(self, namespace: str, container: str) -> None:
        """End the program."""
        self._world.check_shim((namespace, container))
        running = self._running((namespace, container))
        if running is not None:
            running.process.end()
            self._world.task_ended((namespace, container), SIGKILL_STATUS)

    def wait(self, namespace: str, container: str, timeout: float) -> bool:
        """Wait for the program's end."""
        self._world.check()
        until = time.monotonic() + timeout
        while self._running((namespace, container)) is not None:
            if time.monotonic() >= until:
                return False
            time.sleep(0.005)
        return True

    def delete(self, namespace: str, container: str) -> None:
        """Delete an ended task."""
        self._world.check_shim((namespace, container))
        self._world.oom_kills.pop((namespace, container), None)
        self._world.tasks.pop((namespace, container), None)

    def pause(self, namespace: str, container: str) -> None:
        """Freeze the program."""
        self._freeze((namespace, container)).process.pause()
        self._set_state((namespace, container), TaskState.PAUSED, EventKind.PAUSED)

    def resume(self, namespace: str, container: str) -> None:
        """Thaw the program."""
        self._freeze((namespace, container)).process.resume()
        self._set_state((namespace, container), TaskState.RUNNING, EventKind.RESUMED)

    def find(self, namespace: str, container: str) -> Task | None:
        """Return the task, or None."""
        self._world.check_shim((namespace, container))
        running = self._world.tasks.get((namespace, container))
        return running.task if running else None

    def list(self, namespace: str) -> Sequence[Task]:
        """Return the tasks of a namespace."""
        self._world.check()
        tasks = dict(self._world.tasks)
        return [
            self._told(key, running.task) for key, running in tasks.items() if key[0] == namespace
        ]

    def usage(self, namespace: str, container: str) -> Usage | None:
        """Use a little; what an ended task was killed for is told until it is deleted."""
        self._world.check()
        key = (namespace, container)
        if key not in self._world.tasks:
            return None
        ended = self._running(key) is None
        return Usage(
            cpu_nanoseconds=1_000_000,
            memory=0 if ended else 1_048_576,
            oom_kills=self._world.oom_kills.get(key, 0),
        )

    def _told(self, key: Key, task: Task) -> Task:
        """Return a task as a list has it: of one that is silent nothing is known."""
        return Task(id=task.id, state=TaskState.RUNNING) if key in self._world.silent else task

    def _launch(self, key: Key, blueprint: Blueprint, on_exit: OnExit) -> Launch:
        spec, config = blueprint.spec, blueprint.image.config
        entrypoint = config.entrypoint if spec.entrypoint is None else spec.entrypoint
        command = config.command if spec.command is None else spec.command
        return Launch(
            arguments=(*entrypoint, *command),
            env={**config.env, **spec.env},
            address=self._address(key),
            on_exit=on_exit,
        )

    def _address(self, key: Key) -> str:
        network = self._world.networks.get(key)
        return (network and network.address) or "127.0.0.1"

    def _running(self, key: Key) -> RunningTask | None:
        self._world.check()
        running = self._world.tasks.get(key)
        if running is None or running.task.state is TaskState.STOPPED:
            return None
        return running

    def _freeze(self, key: Key) -> RunningTask:
        self._world.check_shim(key)
        running = self._running(key)
        if running is None:
            raise NotFound(f"container {key[1]} does not run")
        return running

    def _set_state(self, key: Key, state: TaskState, kind: EventKind) -> None:
        running = self._freeze(key)
        running.task = Task(id=key[1], state=state, pid=running.task.pid)
        self._world.tell(NodeEvent(kind=kind, namespace=key[0], container=key[1]))
