"""The gateway's program, as the container runs it, on loopback."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.machine.processes import wait_until
from tests.unit.gateway.running import free_port

ROOT = Path(__file__).parents[3]


@dataclass
class Program:
    """`python3 -m faasd.gateway`, with directories of the test's own."""

    provider_url: str
    router_dir: Path
    directory: Path
    control_port: int = field(default_factory=free_port)
    metrics_port: int = field(default_factory=free_port)
    activator_port: int = field(default_factory=free_port)
    nats_url: str = field(default_factory=lambda: f"nats://127.0.0.1:{free_port()}")

    def __post_init__(self) -> None:
        (self.directory / "basic-auth-user").write_text("admin")
        (self.directory / "basic-auth-password").write_text("secret")

    def spawn(self, **more: str) -> None:
        settings = {
            "provider_url": self.provider_url,
            "nats_url": self.nats_url,
            "bind_host": "127.0.0.1",
            "control_port": str(self.control_port),
            "metrics_port": str(self.metrics_port),
            "activator_port": str(self.activator_port),
            "secret_mount_path": str(self.directory),
            "router_dir": str(self.router_dir),
            "state_dir": str(self.directory),
            "PYTHONPATH": str(ROOT / "distro"),
        }
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "faasd.gateway"],
                env=os.environ | settings | more,
                stdout=log,
                stderr=log,
            )

    def start(self) -> None:
        self.spawn()
        wait_until(self.is_up, 20, "the gateway's health")

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.log
        with contextlib.suppress(OSError):
            return bool(self.get_text("/healthz"))
        return False

    @property
    def log(self) -> str:
        return (self.directory / "log").read_text()

    def get_text(self, path: str) -> str:
        """GET from the metrics' listener."""
        url = f"http://127.0.0.1:{self.metrics_port}{path}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return str(answer.read().decode())

    def figure(self, line: str) -> float | None:
        found = [each for each in self.get_text("/metrics").splitlines() if line in each]
        return float(found[0].rpartition(" ")[2]) if found else None

    def status(self, name: str) -> int:
        """Return a number of /proc/PID/status."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.partition(f"{name}:")[2].split()[0])

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Return how it ended."""
        self.process.send_signal(how)
        return self.process.wait(20)


@contextlib.contextmanager
def program(provider_url: str, router_dir: Path | None = None) -> Iterator[Program]:
    """Give one that is not started; it ends with the test."""
    with tempfile.TemporaryDirectory(prefix="gateway") as directory:
        made = Program(provider_url, router_dir or Path(directory), Path(directory))
        try:
            yield made
        finally:
            if made.process.poll() is None:
                made.stop(signal.SIGKILL)
