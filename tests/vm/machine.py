"""One virtual machine: started, logged in to, and cut off from its power."""

import json
import os
import shlex
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.client import Client
from tests.machine.processes import require_sandbox

ADDRESS = "127.0.0.1"
"""The guest's, seen from this side: its ports 22 and 8080 are forwarded."""

KERNEL = (
    "root=LABEL=root console=ttyS0 panic=5"
    # What only costs an emulated processor time.
    " mitigations=off transparent_hugepage=never nowatchdog"
)
"""The kernel's command line; `start("-append", …)` may give more words."""

CPU = "qemu64"
"""The emulated processor. With what `max` has besides, a boot takes a seventh longer."""

_NETWORK = f"user,id=net,ipv6=off,hostfwd=tcp:{ADDRESS}:22-:22,hostfwd=tcp:{ADDRESS}:8080-:8080"
SSH_OPTIONS = (
    *("-q", "-o", "StrictHostKeyChecking=no", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes"),
    *("-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=30"),
)
SLOW = 3.0
"""How much slower than on an unloaded machine everything may be, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A command that ended in the guest."""

    status: int
    output: str


@dataclass
class Machine:
    """A guest with emulated processors. `directory` holds its disk, its console and its key.

    Attributes:
        boot: where kernel and initrd are.
        memory: in MiB.
    """

    directory: Path
    boot: Path
    memory: int = 1024
    options: tuple[str, ...] = ()
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def disk(self) -> Path:
        """The disk, a qcow2 file that holds what differs from another."""
        return self.directory / "disk.qcow2"

    @property
    def key(self) -> Path:
        """The private SSH key that the guest's user is logged in with."""
        return self.directory / "key"

    @property
    def console(self) -> str:
        """All that was said on the console since the first start."""
        return (self.directory / "console").read_text(errors="replace")

    def start(self, *options: str) -> None:
        """Switch it on; `options` are more of qemu(1), for this time."""
        require_sandbox()
        command = [
            *("qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", CPU),
            *("-smp", "2"),
            *("-m", str(self.memory), "-nodefaults", "-display", "none"),
            *("-kernel", str(self.boot / "vmlinuz"), "-initrd", str(self.boot / "initrd")),
            *("-append", KERNEL, "-device", "virtio-rng-pci"),
            *("-drive", f"file={self.disk},if=virtio,format=qcow2,discard=unmap"),
            *("-netdev", _NETWORK, "-device", "virtio-net-pci,netdev=net"),
            *("-chardev", f"file,id=tty,path={self.directory}/console,append=on"),
            *("-serial", "chardev:tty", "-qmp", f"unix:{self._qmp},server=on,wait=off"),
            *self.options,
            *options,
        ]
        (self.directory / "console").touch()
        with (self.directory / "qemu.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def resume(self, memory: Path) -> None:
        """Switch it on where `freeze` left another, of whose disk its own is a copy."""
        self.start("-incoming", f"exec:cat '{memory}'", "-S")
        wait_slowly(lambda: self.ask("query-status")["status"] == "paused", 60, self._complain)
        self.ask("cont")

    def freeze(self, memory: Path) -> None:
        """Write what is in its memory to a file, and switch it off."""
        self.ask("stop")
        self.ask("migrate", uri=f"exec:cat >'{memory}'")
        wait_slowly(
            lambda: self.ask("query-migrate").get("status") == "completed", 120, self._complain
        )
        self.ask("quit")
        self.wait_off(20)

    def cut_power(self) -> None:
        """Switch it off at once: what the guest has not written to its disk is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
            self._process = None

    def wait_off(self, seconds: float) -> None:
        """Wait until the guest has switched itself off."""
        assert self._process is not None
        self._process.wait(seconds * SLOW)
        self._process = None

    def is_on(self) -> bool:
        """Tell whether it runs."""
        return self._process is not None and self._process.poll() is None

    def ask(self, command: str, **arguments: object) -> Mapping[str, object]:
        """Send the emulator one command of its QMP protocol; return its answer.

        It listens some time after its start, and to one at a time.
        """
        with socket.socket(socket.AF_UNIX) as asked:
            asked.settimeout(60)
            wait_slowly(lambda: asked.connect_ex(str(self._qmp)) == 0, 20, self._complain)
            with asked.makefile("rw") as lines:
                lines.readline()
                answer: Mapping[str, object] = {}
                for name, given in (("qmp_capabilities", {}), (command, arguments)):
                    lines.write(json.dumps({"execute": name, "arguments": given}) + "\n")
                    lines.flush()
                    while "return" not in (answer := json.loads(lines.readline())):
                        assert "error" not in answer, answer
        returned = answer["return"]
        assert isinstance(returned, dict)
        return returned

    def _complain(self) -> str:
        return (self.directory / "qemu.log").read_text()

    def run(self, command: str, seconds: float = 60) -> Ended:
        """Run a shell command in the guest as root, over SSH."""
        words = ["ssh", *SSH_OPTIONS, "-i", str(self.key), f"debian@{ADDRESS}"]
        words.append(f"sudo bash -c {shlex.quote(command)}")
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds * SLOW,
            check=False,
        )
        return Ended(status=done.returncode, output=done.stdout)

    def do(self, command: str, seconds: float = 60) -> str:
        """Run a command that must succeed; return what it printed."""
        ended = self.run(command, seconds)
        assert ended.status == 0, f"{command}: {ended.status}\n{ended.output}"
        return ended.output

    def front(self, password: str) -> Client:
        """Return a caller of the guest's front door, from outside."""
        return Client(ADDRESS, 8080, "admin", password, patience=40 * SLOW)

    def wait_said(self, words: Sequence[str], seconds: float, start: int = 0) -> float:
        """Wait until one of `words` is on the console after the first `start` characters."""
        began = time.monotonic()

        def said() -> bool:
            assert self.is_on() or any(word in self.console[start:] for word in words), self.tail()
            return any(word in self.console[start:] for word in words)

        wait_slowly(said, seconds, lambda: f"{words} on the console\n{self.tail()}")
        return time.monotonic() - began

    def tail(self, lines: int = 60) -> str:
        """Return the end of the console."""
        return "\n".join(self.console.splitlines()[-lines:])

    @property
    def _qmp(self) -> Path:
        return self.directory / "qmp"


def wait_slowly(condition: Callable[[], bool], seconds: float, what: Callable[[], str]) -> float:
    """Wait as `wait_until` does, but ask twice a second and allow for a loaded machine."""
    began, allowed = time.monotonic(), 0.0
    while not condition():
        allowed = max(allowed, seconds * slowness())
        if time.monotonic() - began > allowed:
            raise AssertionError(f"not within {allowed:.0f} s: {what()}")
        time.sleep(0.5)
    return time.monotonic() - began


def slowness() -> float:
    """Return how much slower everything may be now: as many processes as want each processor."""
    return max(SLOW, os.getloadavg()[0] / (os.cpu_count() or 1))
