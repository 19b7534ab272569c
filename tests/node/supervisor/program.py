"""`faasd up` as the program that people run, on the tests' containerd."""

import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from faasd.supervisor.board import Notice, read_board
from faasd.supervisor.lock import find_holder
from tests.machine.processes import find_children, require_sandbox, wait_until

TOP = Path(__file__).parents[3]
RUN = Path("/run/faasd")
SOCKET = Path("/run/containerd/containerd.sock")
PATIENCE = 30.0


def link_containerd(socket: str) -> None:
    """Have programs with default settings reach the tests' containerd."""
    require_sandbox()
    SOCKET.parent.mkdir(exist_ok=True)
    SOCKET.unlink(missing_ok=True)
    SOCKET.symlink_to(socket)


@dataclass
class UpProgram:
    """One process `faasd up -f FILE`, and what it says."""

    file: Path
    log: Path
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["/usr/bin/python3", "-P", "-m", "faasd.cli", "up", "-f", str(self.file)],
                stdout=log,
                stderr=log,
                env=environment(),
            )

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def said(self) -> str:
        return self.log.read_text()

    def notices(self) -> dict[str, Notice]:
        """Return what it tells of its services; what one before it told is not its own."""
        holder = find_holder(RUN)
        told = read_board(RUN) if holder and holder.pid == self.pid else ()
        return {notice.name: notice for notice in told}

    def service(self, name: str) -> int:
        """Return the pid of a service, or 0."""
        notice = self.notices().get(name)
        return notice.pid if notice else 0

    def until_rest(self, count: int) -> None:
        """Wait until so many services run and no supervisor does."""

        def rests() -> bool:
            notices = self.notices().values()
            well = [one for one in notices if one.pid and one.health in ("healthy", "unchecked")]
            return len(well) == count and not find_children(self.pid)

        wait_until(rests, PATIENCE, f"{count} services are well and watched; it said {self.said()}")

    def until_restarted(self, name: str, before: int, seconds: float = PATIENCE) -> float:
        """Wait until a service has another process than `before`."""
        return wait_until(
            lambda: self.service(name) not in (0, before), seconds, f"{name} runs anew"
        )

    def send(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self) -> int:
        assert self._process
        status = self._process.wait(PATIENCE)
        self._process = None
        return status

    def stop(self) -> None:
        """End it, where it runs."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self.send(signal.SIGTERM)
            self.wait()

    def memory(self) -> int:
        """Return its resident memory, in kB."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def run_command(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `faasd ARGUMENTS…` to its end."""
    return subprocess.run(
        ["/usr/bin/python3", "-P", "-m", "faasd.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        env=environment(),
    )


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{TOP}/distro:{TOP}", "PYTHONUNBUFFERED": "1"}
