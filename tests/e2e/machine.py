"""A whole node in a sandbox: containerd, a registry, and the programs we ship, by their names."""

import os
import shutil
import stat
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.client import Client
from tests.machine.accidents import clear_run_directory
from tests.machine.containerd import PrivateContainerd
from tests.machine.processes import find_children, is_alive, kill_all, require_sandbox, wait_until
from tests.machine.registry import Registry

REPOSITORY = Path(__file__).parents[2]
SECRETS = Path("/var/lib/faasd/secrets")
PORT = 8081
PROGRAMS = ("collect", "provider")
"""What functions need beside containerd: `faasd NAME`; `up` runs core services, too."""
LAUNCHER = f"""\
#!/bin/sh
PYTHONPATH={REPOSITORY}/distro:{REPOSITORY} exec /usr/bin/python3 -c \\
    'import sys; sys.argv[0] = "faasd"; from faasd.cli import main; sys.exit(main())' "$@"
"""
START_TIMEOUT = 30.0


@dataclass
class Machine:
    """One node; every accident that may befall one is a method."""

    directory: Path
    programs: Sequence[str] = PROGRAMS
    containerd: PrivateContainerd = field(init=False)
    registry: Registry = field(init=False)
    _programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        require_sandbox()
        self.containerd = PrivateContainerd(Path("/var/lib/containerd"), Path("/run/containerd"))
        self.registry = Registry(self.directory / "registry")

    @property
    def log(self) -> Path:
        """What the programs print."""
        return self.directory / "programs.log"

    @property
    def pressure(self) -> Path:
        """What tells the provider for how long tasks waited for memory; not there at first."""
        return self.directory / "pressure"

    def install(self) -> None:
        """Put `faasd` on PATH and let it write what it needs."""
        launcher = Path("/usr/bin/faasd")
        launcher.write_text(LAUNCHER)
        launcher.chmod(launcher.stat().st_mode | stat.S_IXUSR)
        self.registry.trust()
        self.run("faasd", "install")

    def run(self, *command: str) -> str:
        """Run a program to its end and return what it prints."""
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert result.returncode == 0, f"{' '.join(command)}: {result.stdout}{result.stderr}"
        return result.stdout

    def client(self, port: int = PORT) -> Client:
        """Return a caller with the generated password."""
        user = (SECRETS / "basic-auth-user").read_text().strip()
        password = (SECRETS / "basic-auth-password").read_text().strip()
        return Client("127.0.0.1", port, user, password)

    def start(self) -> None:
        """Start everything and wait until the provider answers."""
        self.containerd.start()
        self.start_programs()

    def mend(self) -> None:
        """Start again what a failed test left dead."""
        if not self.containerd.answers():
            self.containerd.kill()
            self.containerd.start()
        for name in self.programs:
            if name not in self._programs or not self.is_running(name):
                self.start_program(name)
        wait_until(self.client().is_up, START_TIMEOUT, f"the provider\n{self.tail()}")

    def start_programs(self, **settings: str) -> None:
        """Start the programs we ship, with some more settings."""
        for name in self.programs:
            self.start_program(name, **settings)
        client = Client("127.0.0.1", PORT)
        wait_until(client.is_up, START_TIMEOUT, f"the provider\n{self.tail()}")

    def start_program(self, name: str, **settings: str) -> None:
        """Start ``faasd NAME``, again where it died."""
        if name in self._programs:
            self._programs.pop(name).wait(10)
        with self.log.open("ab") as log:
            self._programs[name] = subprocess.Popen(
                ["/usr/bin/faasd", name],
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=os.environ | self._environment() | settings,
            )

    def _environment(self) -> dict[str, str]:
        """Return settings: the machine is short of memory when a test says so, not by others."""
        return {
            "PYTHONUNBUFFERED": "1",
            "service_timeout": "10s",
            "faasd_pressure_file": str(self.pressure),
            "faasd_meminfo_file": str(self.directory / "meminfo"),
        }

    def kill_program(self, name: str) -> None:
        """kill -9 a program with all its workers."""
        program = self._programs.pop(name)
        kill_all(_with_descendants(program.pid))
        program.wait(10)

    def end_programs(self) -> None:
        """End the programs as a service manager does: SIGTERM, and patience."""
        for program in self._programs.values():
            program.terminate()
        for name, program in list(self._programs.items()):
            try:
                program.wait(15)
            except subprocess.TimeoutExpired:
                self.kill_program(name)
        self._programs.clear()

    def is_running(self, name: str) -> bool:
        """Tell whether a program runs."""
        return is_alive(self._programs[name].pid)

    def pid_of(self, name: str) -> int:
        """Return the process of a program."""
        return self._programs[name].pid

    def power_cut(self) -> None:
        """End everything at once and take what a reboot takes: mounts, network, /run."""
        for name in list(self._programs):
            self.kill_program(name)
        self.containerd.stop()
        clear_run_directory()
        shutil.rmtree("/run/containerd", ignore_errors=True)

    def stop(self) -> None:
        """End everything."""
        with ExitStack() as stack:
            stack.callback(self.registry.stop)
            stack.callback(self.containerd.stop)
            stack.callback(clear_run_directory)
            self.end_programs()

    def tail(self, lines: int = 40) -> str:
        """Return the last lines that the programs printed."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def _with_descendants(pid: int) -> list[int]:
    found: list[int] = []
    below: Sequence[int] = [pid]
    while below:
        found += below
        below = [child for parent in below for child in find_children(parent)]
    return found
