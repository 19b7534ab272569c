"""Lists everything that there is on the machine for functions, each kind from its own source."""

import os
import subprocess
from pathlib import Path

from tests.machine.containerd import PrivateContainerd
from tests.machine.processes import find_pids

RUN = Path("/run/faasd")
NAMESPACE = "openfaas-fn"


def inventory(containerd: PrivateContainerd) -> dict[str, int]:
    """Return how many of each kind there are; nothing is asked of the programs under test."""
    return {
        "containers": _lines(containerd.ctr("containers", "ls", "-q")),
        "tasks": _lines(containerd.ctr("tasks", "ls", "-q")),
        "writable roots": containerd.ctr("snapshots", "ls").count("Active"),
        "leases": _lasting(containerd.ctr("leases", "ls")),
        "network namespaces": len(network_namespaces()),
        "interfaces on the bridge": len(_bridge_ports()),
        "addresses": len(addresses()),
        "cgroups": len(_cgroups()),
        "log pipes": len(_files(RUN / "logs")),
        "firewall rules": _firewall_rules(),
    }


def expected(functions: int, before: dict[str, int]) -> dict[str, int]:
    """Return what `inventory` is when there is one replica each of `functions` more."""
    each = {kind: 1 for kind in before if kind not in ("leases", "firewall rules", "log pipes")} | {
        "log pipes": 2
    }
    return {kind: count + functions * each.get(kind, 0) for kind, count in before.items()}


def footprint() -> frozenset[str]:
    """Return one name for each thing in /run and each cgroup of a container; quick to ask."""
    directories = ("ipam", "netns", "replicas", "logs")
    below = {f"{kind} {name}" for kind in directories for name in _files(RUN / kind)}
    return frozenset(below | _cgroups())


def shims() -> list[int]:
    """Return the processes of containerd's shims."""
    return find_pids("containerd-shim")


def network_namespaces() -> list[str]:
    """Return the files that hold a network namespace."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line.split()[4] for line in lines if " - nsfs " in line]


def addresses() -> list[str]:
    """Return the addresses that CNI's host-local has given away."""
    return [name for name in _files(RUN / "ipam") if name.startswith("10.62.")]


def _files(directory: Path) -> list[str]:
    """Return the names of all files below, while others come and go."""
    return [name for _, _, names in os.walk(directory) for name in names]


def _bridge_ports() -> list[str]:
    bridge = Path("/sys/class/net/openfaas0/brif")
    return [port.name for port in bridge.iterdir()] if bridge.exists() else []


def _cgroups() -> set[str]:
    tops = [*Path("/sys/fs/cgroup").glob(NAMESPACE), *Path("/sys/fs/cgroup").glob(f"*/{NAMESPACE}")]
    return {path.name for top in tops for path in top.iterdir() if path.is_dir()}


def _lasting(leases: str) -> int:
    """Count leases that do not end by themselves: a killed provider leaves those that do."""
    return sum("containerd.io/gc.expire" not in line for line in leases.splitlines()[1:])


def _firewall_rules() -> int:
    rules = subprocess.run(
        ["nft", "list", "ruleset"], capture_output=True, text=True, timeout=10, check=False
    )
    return _lines(rules.stdout)


def _lines(text: str) -> int:
    return len([line for line in text.splitlines() if line.strip()])
