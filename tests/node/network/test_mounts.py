"""A program with mounts of its own, as our units are, and containerd with others beside it."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

from faasd.node.adapters.cni.networks import CniNetworks, is_namespace
from faasd.node.domain.settings import NodeSettings
from tests.node.network.place import inside

DISTRO = str(Path(__file__).parents[3] / "distro")
PROGRAM = """
import json, sys
from faasd.node.adapters.cni.networks import CniNetworks
from faasd.node.domain.settings import NodeSettings
networks = CniNetworks(NodeSettings(**json.loads(sys.argv[1])))
networks.prepare()
for step in sys.argv[2:]:
    getattr(networks, step)("fn", "a.1.0")
"""


def apart(settings: NodeSettings, *steps: str) -> None:
    """Do steps in a process whose mounts nobody else sees."""
    told = replace(settings, mount_namespace=f"/proc/{os.getpid()}/ns/mnt")
    own = ["unshare", "--mount", "--propagation", "slave"]
    program = [sys.executable, "-P", "-c", PROGRAM, json.dumps(asdict(told)), *steps]
    path = os.pathsep.join([DISTRO, os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path}
    ended = subprocess.run(
        [*own, *program], capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    assert ended.returncode == 0, ended.stderr


def test_what_it_makes_is_seen_by_containerd(settings: NodeSettings, networks: CniNetworks) -> None:
    apart(settings, "attach")

    network = networks.find("fn", "a.1.0")
    assert network is not None
    assert is_namespace(Path(network.path))
    assert inside(network.path, "busybox", "ping", "-c1", "-W2", "10.62.240.1").returncode == 0


def test_what_it_removes_is_gone_for_all(settings: NodeSettings, networks: CniNetworks) -> None:
    network = networks.attach("fn", "a.1.0")

    apart(settings, "detach")

    assert not Path(network.path).exists()
    assert networks.list() == []


def test_it_makes_and_removes_again_and_again(
    settings: NodeSettings, networks: CniNetworks
) -> None:
    apart(settings, "attach", "detach", "attach", "attach", "detach")

    assert networks.list() == []
    assert networks.find("fn", "a.1.0") is None
