"""A containerd namespace of one test's own, and containers in it."""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from faasd.base.errors import NotFound
from faasd.node.adapters.containerd.client import ContainerdClient
from faasd.node.domain.blueprint import Blueprint
from faasd.node.domain.container import ContainerRecord, ContainerSpec, TaskState
from faasd.node.domain.image import Image
from tests.machine.containerd import PrivateContainerd
from tests.node.containerd.layouts import Writer, busybox

BUSYBOX = "docker.io/library/busybox:1"


@dataclass
class Place:
    """One test's namespace, the adapters, and where its files lie."""

    namespace: str
    client: ContainerdClient
    daemon: PrivateContainerd
    writer: Writer
    fifos: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def busybox(self) -> Image:
        """Take a busybox in."""
        return self.client.images.put(self.namespace, self.writer.layout(BUSYBOX, busybox()))

    def make(self, container: str, *command: str, **more: object) -> ContainerRecord:
        """Make a container of busybox that runs `command`, on the node's network."""
        image = self.client.images.find(self.namespace, BUSYBOX) or self.busybox()
        spec = ContainerSpec(
            namespace=self.namespace,
            id=container,
            name=container,
            image=image.name,
            command=command or None,
            host_network=True,
            grace=2.5,
        )
        spec = replace(spec, **more)  # type: ignore[arg-type]
        self.client.roots.prepare(self.namespace, container, image)
        user = self.client.roots.resolve_user(self.namespace, container, spec.user)
        return self.client.containers.create(
            Blueprint(spec=spec, image=image, user=user, mounts=(), network_path=None, address=None)
        )

    def start(self, container: str) -> int:
        """Start it; its output is kept in its FIFOs."""
        return self.client.tasks.start(self.namespace, container, *self.pipes(container))

    def run(self, container: str, *command: str, **more: object) -> int:
        """Make and start a container; return its pid."""
        self.make(container, *command, **more)
        return self.start(container)

    def pipes(self, container: str) -> tuple[str, str]:
        """Make the FIFOs of a container and hold them open."""
        paths = tuple(self.writer.directory / f"{container}.{name}" for name in ("out", "err"))
        if container not in self.fifos:
            for path in paths:
                os.mkfifo(path)
            flags = os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC
            self.fifos[container] = tuple(os.open(path, flags) for path in paths)
        return str(paths[0]), str(paths[1])

    def output(self, container: str) -> str:
        """Return what it printed so far."""
        try:
            return os.read(self.fifos[container][0], 65536).decode()
        except BlockingIOError:
            return ""

    def state(self, container: str) -> TaskState:
        """Return what its task does."""
        task = self.client.tasks.find(self.namespace, container)
        return task.state if task else TaskState.NONE

    def ctr(self, *arguments: str) -> list[str]:
        """Run `ctr` in the namespace; return the words it prints."""
        return self.daemon.ctr(*arguments, namespace=self.namespace).split()

    def end(self, container: str) -> None:
        """End a container's task and remove the container."""
        tasks = self.client.tasks
        with suppress(NotFound):
            tasks.resume(self.namespace, container)
        tasks.kill(self.namespace, container)
        assert tasks.wait(self.namespace, container, 10)
        tasks.delete(self.namespace, container)
        self.client.containers.delete(self.namespace, container)
        self.client.roots.remove(self.namespace, container)

    def close(self) -> None:
        """Remove everything; a namespace that then is not empty fails the test."""
        for record in self.client.containers.list(self.namespace):
            self.end(record.id)
        for root in self.client.roots.list(self.namespace):
            self.client.roots.remove(self.namespace, root)
        for entry in [entry for pair in self.fifos.values() for entry in pair]:
            os.close(entry)
        for lease in self.ctr("leases", "ls", "-q"):
            self.ctr("leases", "rm", lease)
        for image in self.ctr("images", "ls", "-q"):
            self.client.images.remove(self.namespace, image)
        # containerd collects what is left; the image makes it do so now.
        self.client.images.put(self.namespace, self.writer.layout("docker.io/library/last:1"))
        self.client.images.remove(self.namespace, "docker.io/library/last:1")
        self.client.namespaces.remove(self.namespace)


def process_of(pid: int) -> tuple[str, int]:
    """Return a process's name and its parent."""
    fields = Path(f"/proc/{pid}/stat").read_text()
    name, rest = fields[fields.index("(") + 1 :].rsplit(")", 1)
    return name, int(rest.split()[1])


def kill(pid: int) -> None:
    """kill -9."""
    os.kill(pid, signal.SIGKILL)
