"""The state of the in-memory machine, and the things that befall it."""

import itertools
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import SimpleQueue
from threading import RLock

from faasd.base.errors import TimedOut, Unavailable
from faasd.node.adapters.memory.programs import Process
from faasd.node.domain.blueprint import Blueprint
from faasd.node.domain.container import ContainerRecord, Task, TaskState
from faasd.node.domain.events import EventKind, NodeEvent
from faasd.node.domain.image import Image, ImageLayout, Platform
from faasd.node.domain.logs import LogLine, format_time
from faasd.node.domain.network import Network

Key = tuple[str, str]
"""Namespace and container (or image name)."""

SIGKILL_STATUS = 137
_addresses = itertools.count(2)
"""Never used twice in one process: a socket of an ended server may linger on its port."""


@dataclass(slots=True, kw_only=True)
class RunningTask:
    """A container's process in the in-memory machine."""

    process: Process
    task: Task


@dataclass(slots=True, kw_only=True)
class MemoryWorld:
    """What a machine holds. Nodes opened on one world see the same machine.

    Attributes:
        platform: what containers must be made for.
        memory: bytes of the machine.
        registry: images that can be pulled, by full name.
        registry_answers: False is a registry that cannot be reached.
        answers: False is a containerd that is down; every port raises Unavailable.
        is_slow: True is a containerd on a busy machine; every port raises TimedOut.
        silent: containers of which containerd cannot say in time what they are at.
        shimless: containers for which containerd, which answers, gets no shim.
        addresses_left: how many networks can still be made.
        oom_kills: processes of a container that were killed for their memory.
        exec_status: how further programs run in a container end, if not with 0.
    """

    platform: Platform = field(default_factory=lambda: Platform(architecture="amd64"))
    memory: int = 8 << 30
    registry: dict[str, ImageLayout] = field(default_factory=dict)
    registry_answers: bool = True
    answers: bool = True
    is_slow: bool = False
    silent: set[Key] = field(default_factory=set)
    shimless: set[Key] = field(default_factory=set)
    addresses_left: int = 65_000
    oom_kills: dict[Key, int] = field(default_factory=dict)
    exec_status: dict[Key, int] = field(default_factory=dict)
    namespaces: dict[str, dict[str, str]] = field(default_factory=dict)
    images: dict[Key, Image] = field(default_factory=dict)
    roots: dict[Key, Image] = field(default_factory=dict)
    records: dict[Key, ContainerRecord] = field(default_factory=dict)
    blueprints: dict[Key, Blueprint] = field(default_factory=dict)
    tasks: dict[Key, RunningTask] = field(default_factory=dict)
    networks: dict[Key, Network] = field(default_factory=dict)
    files: set[Key] = field(default_factory=set)
    secrets: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
    pipes: set[tuple[str, str, str]] = field(default_factory=set)
    printed: list[LogLine] = field(default_factory=list)
    listeners: list[SimpleQueue[NodeEvent | None]] = field(default_factory=list)
    lock: RLock = field(default_factory=RLock)

    def check(self) -> None:
        """Raise Unavailable while the machine's containerd is down, TimedOut while it is slow."""
        if not self.answers:
            raise Unavailable("containerd does not answer")
        if self.is_slow:
            raise TimedOut("containerd does not answer in time")

    def check_shim(self, key: Key) -> None:
        """Do as `check` does, and raise TimedOut for a container that is silent."""
        self.check()
        if key in self.silent and key in self.tasks:
            raise TimedOut(f"the shim of container {key[1]} does not answer in time")

    def next_address(self) -> str:
        """Return a loopback address that no container of this process had before."""
        number = next(_addresses)
        return f"127.62.{number // 250}.{number % 250 + 2}"

    def tell(self, event: NodeEvent) -> None:
        """Send an event to every stream."""
        for listener in list(self.listeners):
            listener.put(event)

    def print(self, namespace: str, name: str, instance: str, *texts: str) -> None:
        """Let a container print lines."""
        for text in texts:
            line = LogLine(
                namespace=namespace,
                name=name,
                instance=instance,
                timestamp=format_time(time.time_ns()),
                text=text,
            )
            self.printed.append(line)

    def task_ended(self, key: Key, status: int) -> None:
        """Note that a task's process ended, and tell."""
        with self.lock:
            running = self.tasks.get(key)
            if running is None or running.task.state is TaskState.STOPPED:
                return
            running.task = Task(
                id=key[1],
                state=TaskState.STOPPED,
                pid=running.task.pid,
                exit_status=status,
                exited_at=datetime.now(UTC),
            )
        self.tell(
            NodeEvent(kind=EventKind.EXITED, namespace=key[0], container=key[1], exit_status=status)
        )

    def crash(self, namespace: str, container: str) -> None:
        """End a container's process by SIGKILL."""
        self._end((namespace, container))

    def eat_memory(self, namespace: str, container: str) -> None:
        """Let a container's process be killed because it wants more memory than its limit."""
        self.kill_child(namespace, container)
        self.crash(namespace, container)

    def kill_child(self, namespace: str, container: str) -> None:
        """Let another process of the container be killed so."""
        key = (namespace, container)
        self.oom_kills[key] = self.oom_kills.get(key, 0) + 1
        self.tell(NodeEvent(kind=EventKind.OOM, namespace=namespace, container=container))

    def reboot(self) -> None:
        """End every process and take what a reboot takes: tasks, networks, files, pipes."""
        for key in list(self.tasks):
            self._end(key)
        for gone in (self.tasks, self.networks, self.files, self.secrets, self.pipes):
            gone.clear()
        self.tell(NodeEvent(kind=EventKind.RESYNC))

    def go_down(self) -> None:
        """Let containerd die; containers go on."""
        self.answers = False

    def come_back(self) -> None:
        """Let containerd answer again."""
        self.answers = True
        self.tell(NodeEvent(kind=EventKind.RESYNC))

    def shut_down(self) -> None:
        """End every process, so that no thread is left."""
        for key in list(self.tasks):
            self._end(key)

    def _end(self, key: Key) -> None:
        running = self.tasks.get(key)
        if running is not None:
            running.process.end()
            self.task_ended(key, SIGKILL_STATUS)
