"""Start and resume through `faasd.node`, beside the containerd calls at the bottom of them."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from bench.bare_tasks import BareTasks
from bench.clock import milliseconds_since, wait_for_first_byte
from bench.figures import Figure, repeat
from bench.stand import STATIC
from faasd.installer.boot import prepare_run_directory, write_name_files
from faasd.installer.paths import Machine
from faasd.node.domain.container import ContainerSpec
from faasd.node.domain.settings import NodeSettings
from faasd.node.open import Node, open_node

NAMESPACE = "openfaas-fn"
CONTAINER = "bench.1.0"


def measure_node(times: int) -> list[Figure]:
    """Measure with no other program of ours running."""
    settings = NodeSettings()
    bare = BareTasks(settings, NAMESPACE, CONTAINER)
    with closing(bare), _replica(settings) as (node, address):
        start = repeat(times, lambda: _start(node, address))
        bare_start = repeat(times, lambda: _bare_start(node, bare))
        node.workloads.stop(NAMESPACE, CONTAINER)
        node.workloads.start(NAMESPACE, CONTAINER)
        wait_for_first_byte(address)
        resume = repeat(times, lambda: _resume(node, address))
        bare_resume = repeat(times, lambda: _bare_resume(node, bare))
    return [
        Figure("start → first byte, node (Create+Start alone)", start, bare_start, goal=80),
        Figure("resume → first byte, node (Resume alone)", resume, bare_resume, goal=15),
    ]


@contextmanager
def _replica(settings: NodeSettings) -> Iterator[tuple[Node, str]]:
    node = open_node(settings)
    try:
        node.namespaces.ensure(NAMESPACE, {"openfaas": "true"})
        prepare_run_directory(Machine())
        write_name_files(Machine(), node.networks.prepare())
        spec = ContainerSpec(
            namespace=NAMESPACE, id=CONTAINER, name="bench", image=STATIC, generation=1
        )
        made = node.workloads.create(spec)
        try:
            yield node, made.address or ""
        finally:
            node.workloads.remove(NAMESPACE, CONTAINER)
    finally:
        node.close()


def _start(node: Node, address: str) -> float:
    node.workloads.stop(NAMESPACE, CONTAINER)
    began = time.perf_counter()
    node.workloads.start(NAMESPACE, CONTAINER)
    wait_for_first_byte(address)
    return milliseconds_since(began)


def _bare_start(node: Node, bare: BareTasks) -> float:
    node.workloads.stop(NAMESPACE, CONTAINER)
    return bare.start()


def _resume(node: Node, address: str) -> float:
    node.workloads.pause(NAMESPACE, CONTAINER)
    began = time.perf_counter()
    node.workloads.resume(NAMESPACE, CONTAINER)
    wait_for_first_byte(address)
    return milliseconds_since(began)


def _bare_resume(node: Node, bare: BareTasks) -> float:
    node.workloads.pause(NAMESPACE, CONTAINER)
    return bare.resume()
