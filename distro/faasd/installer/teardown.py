"""The steps of `faasd uninstall`: everything we made goes, data only with a purge."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from faasd.base.errors import InUse, Unavailable
from faasd.base.names import CORE_NAMESPACE, DEFAULT_FUNCTION_NAMESPACE
from faasd.installer.bridge import find_bridge
from faasd.installer.files import is_edited, remove_tree
from faasd.installer.firewall import take_firewall_down
from faasd.installer.https import take_https_down
from faasd.installer.loopback import set_router_bind
from faasd.installer.paths import (
    CACHE_DIR,
    CADDY_SITE,
    COMPOSE_FILE,
    CORE_IMAGES_DIR,
    FIREWALL_CONFIG,
    LOG_DIR,
    NETWORK_CONFIG,
    NODE_CONFIG,
    PRISTINE_DIR,
    PROMETHEUS_CONFIG,
    PROVIDER_DIR,
    RUN_DIR,
    STATE_DIR,
    SYSCTL_CONFIG,
    Machine,
)
from faasd.installer.programs import run_program, try_program
from faasd.installer.services.choose import service_manager
from faasd.installer.services.manager import containerd_answers
from faasd.installer.steps import Step
from faasd.node.open import Node

NAMESPACE_LABEL = "openfaas"
FIREWALL_TABLES = ("faasd", "faasd_ports")
RULE_MARK = "faasd:"
"""How the comments of our rules in other people's chains begin."""

CONFIGS = (NETWORK_CONFIG, SYSCTL_CONFIG, COMPOSE_FILE, PROMETHEUS_CONFIG)
"""Files that people may edit."""

_EMPTY_TIMEOUT = 15.0
_AT_ONCE = 8


def teardown_steps(machine: Machine, open_node: Callable[[], Node]) -> Sequence[Step]:
    """Return what takes us off the machine but for data; each step may find nothing to do.

    What others notice goes before containers, which may refuse: no firewall outlives the package.
    """
    manager = service_manager(machine)
    return (
        Step(title="programs", run=manager.stop),
        Step(title="https", run=lambda: take_https_down(machine)),
        Step(title="router's address", run=lambda: set_router_bind(machine, is_hidden=False)),
        Step(title="firewall", run=lambda: take_firewall_down(machine)),
        Step(title="containers", run=lambda: remove_containers(machine, open_node)),
        Step(title="services", run=manager.disable),
        Step(title="network", run=lambda: remove_network(machine)),
        Step(title="files", run=lambda: remove_files(machine)),
    )


def purge_steps(machine: Machine) -> Sequence[Step]:
    """Return what removes the data, too."""
    return (Step(title="data", run=lambda: remove_data(machine)),)


def remove_containers(machine: Machine, open_node: Callable[[], Node]) -> str:
    """Remove all that is ours in containerd, if it runs."""
    if not containerd_answers(machine):
        return "containerd does not run, so nothing of ours does; what it stores was left"
    with closing(open_node()) as node:
        return clear_node(node)


def clear_node(node: Node) -> str:
    """Remove our containers, images, networks and namespaces; say how many.

    Raises:
        InUse: a namespace holds something that is not ours to remove.
    """
    ours = {CORE_NAMESPACE, DEFAULT_FUNCTION_NAMESPACE}
    labelled = node.namespaces.list()
    spaces = [
        name for name, labels in labelled.items() if name in ours or NAMESPACE_LABEL in labels
    ]
    containers = sum(_clear_containers(node, namespace) for namespace in spaces)
    images = sum(_clear_images(node, namespace) for namespace in spaces)
    node.workloads.sweep(spaces)
    for network in node.networks.list():
        node.networks.detach(network.namespace, network.container)
    for namespace in spaces:
        _remove_namespace(node, namespace)
    return f"{containers} containers, {images} images, {len(spaces)} namespaces removed"


def remove_network(machine: Machine) -> str:
    """Remove the bridge and our firewall tables."""
    bridge = find_bridge(machine).name
    there = machine.at(f"/sys/class/net/{bridge}").exists()
    if there:
        try_program("ip", "link", "delete", bridge)
    for table in FIREWALL_TABLES:
        try_program("nft", "delete", "table", "ip", table)
    _remove_forward_rules()
    return f"bridge {bridge} removed" if there else f"no bridge {bridge}"


def remove_files(machine: Machine) -> str:
    """Remove what is rebuilt, and configuration unless it was edited."""
    for mount in list_mounts_below(machine.at("/proc/self/mountinfo"), machine.at(RUN_DIR)):
        run_program("umount", mount)
    configs = [path for path in CONFIGS if not is_edited(machine, path)]
    paths = (*configs, RUN_DIR, PRISTINE_DIR, CORE_IMAGES_DIR, CACHE_DIR)
    removed = [path for path in paths if remove_tree(machine.at(path))]
    return f"{', '.join(removed)} removed" if removed else "nothing was there"


def list_mounts_below(mountinfo: Path, directory: Path) -> Sequence[str]:
    """Return what is mounted at or below the directory, the last mounted first (proc(5))."""
    if not mountinfo.exists():
        return ()
    targets = [line.split()[4] for line in mountinfo.read_text().splitlines()]
    below = [target for target in targets if Path(target).is_relative_to(directory)]
    return below[::-1]


def remove_data(machine: Machine) -> str:
    """Remove functions, secrets, the login, logs and edited configuration, for good."""
    yours = [f"{path}.yours" for path in (FIREWALL_CONFIG, CADDY_SITE)]
    configs = (NETWORK_CONFIG, SYSCTL_CONFIG, NODE_CONFIG, *yours)
    paths = (PROVIDER_DIR, STATE_DIR, LOG_DIR, *configs)
    removed = [path for path in paths if remove_tree(machine.at(path))]
    return f"{', '.join(removed)} removed" if removed else "nothing was there"


def _clear_containers(node: Node, namespace: str) -> int:
    found = node.workloads.list(namespace)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda one: node.workloads.remove(namespace, one.id), found))
    return len(found)


def _clear_images(node: Node, namespace: str) -> int:
    found = node.images.list(namespace)
    for image in found:
        node.images.remove(namespace, image.name)
    return len(found)


def _remove_namespace(node: Node, namespace: str) -> None:
    """Containerd's garbage collector frees snapshots and blobs a moment after their owners go."""
    end = time.monotonic() + _EMPTY_TIMEOUT
    while True:
        try:
            return node.namespaces.remove(namespace)
        except InUse:
            if time.monotonic() > end:
                raise
        time.sleep(0.2)


def _remove_forward_rules() -> None:
    """Take out what let the bridge pass a firewall of somebody else."""
    chain = ("ip", "filter", "FORWARD")
    try:
        listed = run_program("nft", "--handle", "--stateless", "list", "chain", *chain)
    except Unavailable:
        return
    for handle in find_rule_handles(listed):
        try_program("nft", "delete", "rule", *chain, "handle", handle)


def find_rule_handles(listed: str) -> Sequence[str]:
    """Return the handles of our rules in what ``nft --handle list chain`` printed."""
    ours = (line for line in listed.splitlines() if f'comment "{RULE_MARK}' in line)
    return [line.rpartition("# handle ")[2] for line in ours if "# handle " in line]
