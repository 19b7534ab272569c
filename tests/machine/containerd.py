"""A containerd of the tests' own: its root, state and socket are in the sandbox."""

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.machine.processes import find_pids, kill_all, require_sandbox, wait_until

CONFIG = """\
version = 2
root = "{root}"
state = "{run}"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "{run}/containerd.sock"
"""
START_TIMEOUT = 20.0
RUNTIME_STATE = Path("/run/containerd")
"""Where runc keeps its state and shims their sockets, whatever containerd's own directory is."""
RUNC_STATE = Path("/run/containerd/runc")
"""The shims put it there, wherever containerd keeps its own."""


@dataclass
class PrivateContainerd:
    """A containerd that keeps its data in `root` and its sockets in `run`."""

    root: Path
    run: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def socket(self) -> Path:
        return self.run / "containerd.sock"

    @property
    def log(self) -> Path:
        return self.root / "containerd.log"

    def start(self) -> None:
        """Start it and wait until it answers."""
        require_sandbox()
        self.root.mkdir(parents=True, exist_ok=True)
        config = self.root / "config.toml"
        config.write_text(CONFIG.format(root=self.root, run=self.run))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["containerd", "--config", str(config)], stdout=log, stderr=log
            )
        wait_until(self.answers, START_TIMEOUT, f"containerd, see {self.log}")

    def answers(self) -> bool:
        """Tell whether it takes calls."""
        return self._ctr("version", timeout=2).returncode == 0

    def kill(self) -> None:
        """kill -9: containers and shims go on."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def stop(self) -> None:
        """End it, with every shim and container."""
        self.kill()
        kill_everything_contained()
        unmount_below(self.run)

    def reboot(self) -> None:
        """What a reboot does to it: no processes, no mounts, no state; its root stays."""
        self.stop()
        for state in (self.run, RUNC_STATE):
            shutil.rmtree(state, ignore_errors=True)
        self.start()

    def ctr(self, *arguments: str, namespace: str = "openfaas-fn") -> str:
        """Run `ctr` on it and return what it prints; its failure is an AssertionError."""
        result = self._ctr("--namespace", namespace, *arguments, timeout=60)
        assert result.returncode == 0, f"ctr {' '.join(arguments)}: {result.stderr}"
        return result.stdout

    def _ctr(self, *arguments: str, timeout: float) -> subprocess.CompletedProcess[str]:
        command = ["ctr", "--address", str(self.socket), *arguments]
        try:
            return subprocess.run(
                command, capture_output=True, text=True, timeout=timeout, check=False
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, 1, "", f"no answer in {timeout} s")


def kill_everything_contained() -> None:
    """Kill every shim, and what ran in its containers."""
    shims = find_pids("containerd-shim")
    contained = [pid for pid in _contained_pids() if pid not in shims]
    kill_all(shims + contained)


def unmount_below(directory: Path) -> None:
    """Unmount all there is below `directory`, the innermost first."""
    require_sandbox()
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    points = [line.split()[4] for line in lines]
    for point in reversed([p for p in points if p.startswith(f"{directory}/")]):
        subprocess.run(["umount", "-l", point], check=False, timeout=10, capture_output=True)


def _contained_pids() -> list[int]:
    """Find processes in containers: their root is not the machine's."""
    own = Path("/proc/self/root").stat()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            root = (entry / "root").stat()
        except OSError:
            continue
        if (root.st_dev, root.st_ino) != (own.st_dev, own.st_ino):
            found.append(int(entry.name))
    return found
