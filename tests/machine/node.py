"""A node on a real containerd, with the tests' programs as images."""

from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import Unavailable
from faasd.installer.boot import prepare_run_directory, write_name_files
from faasd.installer.paths import Machine
from faasd.installer.setup import write_network_config
from faasd.node.domain.settings import NodeSettings
from faasd.node.open import Node, open_node
from tests.machine.accidents import RUN, clear_run_directory
from tests.machine.containerd import PrivateContainerd
from tests.machine.processes import require_sandbox, wait_until
from tests.programs.archive import make_archive

NAMESPACE = "openfaas-fn"
PROGRAMS = ("serve", "exit", "silent", "stubborn")
RECONNECT = 10.0


@dataclass(frozen=True)
class RealMachine:
    """containerd, and the settings of a node on it; /run/faasd is the sandbox's own."""

    containerd: PrivateContainerd
    settings: NodeSettings

    @classmethod
    def start(cls, directory: Path) -> "RealMachine":
        """Start containerd below `directory`, prepare the network, take the images in."""
        require_sandbox()
        containerd = PrivateContainerd(directory / "root", directory / "run")
        containerd.start()
        settings = NodeSettings(
            containerd_socket=str(containerd.socket),
            state_dir=str(directory / "state"),
        )
        machine = cls(containerd, settings)
        with ExitStack() as undo:
            undo.callback(machine.stop)
            machine._load_programs(directory / "programs.tar")
            undo.pop_all()
        return machine

    def _load_programs(self, archive: Path) -> None:
        make_archive(archive, PROGRAMS, [image(program) for program in PROGRAMS])
        with closing(self.open()) as node:
            node.images.load(NAMESPACE, archive)

    def open(self) -> Node:
        """Open a node and prepare what a boot takes."""
        prepare_run_directory(Machine())
        write_network_config(Machine())
        node = open_node(self.settings)
        node.namespaces.ensure(NAMESPACE, {"openfaas": "true"})
        write_name_files(Machine(), node.networks.prepare())
        return node

    def reboot(self) -> None:
        """End every process; take mounts, network and /run away; start containerd again."""
        self.containerd.stop()
        clear_run_directory()
        self.containerd.reboot()
        prepare_run_directory(Machine())

    def stop(self) -> None:
        """End everything and remove the bridge."""
        self.containerd.stop()
        clear_run_directory()


def image(program: str) -> str:
    """Return the name of the image whose entrypoint is ``/bin/PROGRAM``."""
    return f"docker.io/library/{program}:latest"


def wait_for_node(node: Node) -> None:
    """Wait until the node reaches its containerd again."""

    def answers() -> bool:
        try:
            return bool(node.machine.version())
        except Unavailable:
            return False

    wait_until(answers, RECONNECT, "the node reaches containerd")


def list_traces(containerd: PrivateContainerd) -> list[str]:
    """List all that is there for containers, asking containerd and the kernel, not the node."""
    found = [f"record {one}" for one in containerd.ctr("containers", "ls", "-q").split()]
    found += [f"task {one}" for one in containerd.ctr("tasks", "ls", "-q").split()]
    snapshots = containerd.ctr("snapshots", "ls").splitlines()
    found += [f"root {line.split()[0]}" for line in snapshots if line.endswith("Active")]
    for kind, directory, pattern in (
        ("network", "netns", "*"),
        ("address", "ipam", "10.62.*"),
        ("files", "replicas", "*"),
        ("pipes", "logs", "*"),
    ):
        paths = [path for path in (RUN / directory).rglob(pattern) if not path.is_dir()]
        found += [f"{kind} {path.relative_to(RUN / directory)}" for path in paths]
    bridge = Path("/sys/class/net/openfaas0/brif")
    found += [f"interface {port.name}" for port in bridge.iterdir()] if bridge.exists() else []
    return sorted(found)
