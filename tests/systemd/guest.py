"""A Debian that systemd boots, in a sandbox: systemd-nspawn, driven from outside.

Its network is its own; `enter_network` takes the caller there. Its cgroups are the sandbox's.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.machine.processes import find_children, is_alive, require_sandbox, wait_until

BUILT = Path(__file__).parents[2] / ".cache/systemd"
CORE_IMAGES = Path(__file__).parents[2] / ".cache/core-images"
BOOT = 60.0
FIGURES: list[str] = []
"""What was measured, in sentences."""

_CLONE_NEWNET = 0x40000000
_NAMESPACES = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup")
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_WRITABLE = """\
[Unit]
Description=the cgroups that systemd-nspawn mounted read-only
DefaultDependencies=no
Before=sysinit.target

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'for at in /sys/fs/cgroup/*; do mount -o remount,bind,rw "$$at"; done'
SuccessExitStatus=32

[Install]
WantedBy=sysinit.target
"""
"""A machine of its own can write there; containers get their limits so."""


@dataclass
class Guest:
    """One machine, from its root's archive to its end."""

    directory: Path
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    @property
    def root(self) -> Path:
        """Its files, as they are outside."""
        return self.directory / "root"

    @property
    def console(self) -> Path:
        """What it shows while it boots."""
        return self.directory / "console"

    def unpack(self) -> None:
        """Make its files: Debian, the packages to install, images in the places they are built."""
        self.unpack_root(BUILT / "root.tar")
        self.restore_images()
        for name in ("now.deb", "later.deb", "echo.tar", "static.tar"):
            shutil.copy(BUILT / name, self.root / "root" / name)

    def unpack_root(self, archive: Path) -> None:
        """Make the files of a Debian, with what it needs to boot here."""
        require_sandbox()
        self.root.mkdir(parents=True)
        subprocess.run(["tar", "-xf", archive, "-C", self.root], check=True, timeout=120)
        units = self.root / "etc/systemd/system"
        (units / "writable-cgroups.service").write_text(_WRITABLE)
        (units / "sysinit.target.wants").mkdir(exist_ok=True)
        wanted = units / "sysinit.target.wants/writable-cgroups.service"
        wanted.symlink_to("../writable-cgroups.service")

    def restore_images(self) -> None:
        """Put the core services' images where `faasd core-images build` would."""
        images = self.root / "var/lib/faasd/core-images"
        images.mkdir(parents=True, exist_ok=True)
        for archive in (*CORE_IMAGES.glob("*.tar"), *CORE_IMAGES.glob("*.key")):
            shutil.copy(archive, images)

    def tell(self, sentence: str) -> None:
        """Keep a measured figure, to be printed after the tests."""
        FIGURES.append(sentence)

    def start(self) -> float:
        """Boot it; return how many seconds that took, containerd included."""
        self.switch_on()
        return self.wait_booted()

    def switch_on(self) -> None:
        """Let it begin to boot."""
        Path("/run/systemd").mkdir(exist_ok=True)
        with self.console.open("ab") as console:
            self._process = subprocess.Popen(
                [
                    *("systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit"),
                    *("--private-network", "--capability=all", "--console=read-only"),
                    *("--system-call-filter=add_key keyctl bpf", "--link-journal=no"),
                    f"--directory={self.root}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env={**os.environ, "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network"},
            )

    def wait_booted(self, seconds: float = BOOT) -> float:
        """Wait until systemd says that it is up, and go to its network."""
        took = wait_until(self._is_booted, seconds, f"a booted machine\n{self._shown()}")
        self.enter_network()
        return took

    def reboot(self) -> float:
        """Have it reboot; return how many seconds it took until it was up again.

        systemd-nspawn ends with the machine, and asks whoever started it to start it again.
        """
        began = time.monotonic()
        self.go_down("reboot")
        self.start()
        return time.monotonic() - began

    def go_down(self, how: str, seconds: float = BOOT) -> float:
        """Have it `reboot` or `poweroff`; return how many seconds it took until it was off."""
        process, began = self._process, time.monotonic()
        assert process is not None
        self.attempt("systemctl", how)
        process.wait(seconds)
        self._process = None
        return time.monotonic() - began

    def stop(self) -> None:
        """Power it off, or cut it off where that takes too long."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(90)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)

    def cut_off(self) -> None:
        """Kill all of it at once."""
        process, self._process = self._process, None
        assert process is not None
        for pid in find_children(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.wait(30)

    def leader(self) -> int:
        """Return its first process as it is called outside; 0 where there is none."""
        assert self._process is not None
        children = [pid for pid in find_children(self._process.pid) if is_alive(pid)]
        return children[0] if children else 0

    def enter_network(self) -> None:
        """Take the calling thread, and those it starts from now on, to the machine's network."""
        with Path(f"/proc/{self.leader()}/ns/net").open() as network:
            libc = ctypes.CDLL(None, use_errno=True)
            assert libc.setns(network.fileno(), _CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())

    def run(self, *command: str, seconds: float = 120) -> str:
        """Run a program in it to its end, and return what it printed."""
        ended = self.attempt(*command, seconds=seconds)
        assert ended.returncode == 0, f"{' '.join(command)}: {ended.stdout}"
        return ended.stdout

    def attempt(self, *command: str, seconds: float = 120) -> "subprocess.CompletedProcess[str]":
        """Run a program in it to its end, however that is."""
        enter = ["nsenter", f"--target={self.leader()}", *_NAMESPACES]
        clean = [
            "env",
            "-i",
            _PATH,
            "LC_ALL=C.UTF-8",
            "HOME=/root",
            "DEBIAN_FRONTEND=noninteractive",
        ]
        return subprocess.run(
            [*enter, *clean, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )

    def show(self, unit: str, value: str) -> str:
        """Return a property of a unit."""
        return self.run("systemctl", "show", f"--property={value}", "--value", unit).strip()

    def journal(self, unit: str, lines: int = 40) -> str:
        """Return the end of what a unit logged."""
        return self.run("journalctl", "--no-pager", "-n", str(lines), "-u", unit)

    def pid_outside(self, inside: int) -> int:
        """Return what a process of the machine is called outside."""
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                text = status.read_text()
            except OSError:
                continue
            numbers = next(line.split() for line in text.splitlines() if line[:6] == "NSpid:")
            is_there = Path(f"/proc/{numbers[1]}/root").exists() and len(numbers) > 2
            if is_there and numbers[-1] == str(inside):
                return int(numbers[1])
        raise AssertionError(f"there is no process {inside} in the machine")

    def _is_booted(self) -> bool:
        if not self.leader():
            return False
        said = self.attempt("systemctl", "is-system-running").stdout.strip()
        return said in ("running", "degraded")

    def _shown(self) -> str:
        return self.console.read_text(errors="replace")[-2000:] if self.console.exists() else ""
