"""The steps of a deploy, of a start and of a removal, each timed by itself through its port."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.clock import milliseconds_since, wait_for_first_byte
from bench.figures import Figure
from bench.stand import STATIC
from faasd.node.adapters.cni.networks import CniNetworks
from faasd.node.adapters.containerd.client import ContainerdClient, connect
from faasd.node.adapters.filesystem.pipes import FifoLogPipes
from faasd.node.adapters.filesystem.replica_files import FilesystemReplicaFiles
from faasd.node.domain.blueprint import Blueprint
from faasd.node.domain.container import ContainerSpec
from faasd.node.domain.settings import NodeSettings

NAMESPACE, CONTAINER = "openfaas-fn", "steps.1.0"
SPEC = ContainerSpec(namespace=NAMESPACE, id=CONTAINER, name="steps", image=STATIC)


@dataclass
class Steps:
    """Times of each step, in the order in which they were first taken."""

    times: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Time the block."""
        began = time.perf_counter()
        yield
        self.times.setdefault(what, []).append(milliseconds_since(began))

    def figures(self) -> list[Figure]:
        """Return a line for each step; the first round, which warms caches, does not count."""
        return [Figure(what, times[1:]) for what, times in self.times.items()]


def measure_steps(times: int) -> list[Figure]:
    """Take all steps `times` times."""
    settings, steps = NodeSettings(), Steps()
    client = connect(settings.containerd_socket, settings.snapshotter)
    try:
        for _ in range(times + 1):
            _make(settings, client, steps)
            _end(settings, client, steps)
    finally:
        client.machine.close()
    return steps.figures()


def _make(settings: NodeSettings, client: ContainerdClient, steps: Steps) -> None:
    files, pipes = FilesystemReplicaFiles(settings.run_dir), FifoLogPipes(settings.run_dir)
    with steps.step("deploy 1: find the image"):
        image = client.images.find(NAMESPACE, STATIC)
    assert image
    with steps.step("deploy 2: root filesystem, under a lease"):
        client.roots.prepare(NAMESPACE, CONTAINER, image)
    with steps.step("deploy 3: the user, from the image's files"):
        user = client.roots.resolve_user(NAMESPACE, CONTAINER, image.config.user)
    with steps.step("deploy 4: secrets, hosts, log pipes"):
        mounts = files.prepare(SPEC, user)
        paths = pipes.prepare(NAMESPACE, SPEC.name, CONTAINER)
    with steps.step("deploy 5: network namespace and CNI ADD"):
        network = CniNetworks(settings).attach(NAMESPACE, CONTAINER)
    with steps.step("deploy 6: container record, end of the lease"):
        client.containers.create(
            Blueprint(
                spec=SPEC,
                image=image,
                user=user,
                mounts=mounts,
                network_path=network.path,
                address=network.address,
            )
        )
    with steps.step("start 1: Tasks.Create and Tasks.Start"), pipes.held_open(paths):
        client.tasks.start(NAMESPACE, CONTAINER, *paths)
    with steps.step("start 2: until the first byte"):
        wait_for_first_byte(network.address or "")


def _end(settings: NodeSettings, client: ContainerdClient, steps: Steps) -> None:
    undo: dict[str, Callable[[], None]] = {
        "remove 3: CNI DEL and namespace": lambda: CniNetworks(settings).detach(
            NAMESPACE, CONTAINER
        ),
        "remove 4: container record": lambda: client.containers.delete(NAMESPACE, CONTAINER),
        "remove 5: root filesystem": lambda: client.roots.remove(NAMESPACE, CONTAINER),
    }
    with steps.step("remove 1: SIGTERM until it ended"):
        client.tasks.signal(NAMESPACE, CONTAINER, signal.SIGTERM)
        client.tasks.wait(NAMESPACE, CONTAINER, 10)
    with steps.step("remove 2: delete the task"):
        client.tasks.delete(NAMESPACE, CONTAINER)
    for what, act in undo.items():
        with steps.step(what):
            act()
    FilesystemReplicaFiles(settings.run_dir).remove(NAMESPACE, CONTAINER)
    FifoLogPipes(settings.run_dir).remove(NAMESPACE, SPEC.name, CONTAINER)
