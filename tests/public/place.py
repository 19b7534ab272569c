"""A node as its people set it up, by `faasd install` and `faasd start`, and another machine."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.machine import LAUNCHER, REPOSITORY
from tests.machine.core_images import provide_core_images
from tests.machine.processes import require_sandbox, wait_until

ADDRESS = "192.0.2.1"
STRANGER, OTHER = "192.0.2.2", "192.0.2.3"
"""Addresses of the other machine."""
BRIDGE_ADDRESS = "10.62.0.1"
NAMES = ("faasd.lan", "faasd.example.com")
ROOT = "/var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt"
CORE_IMAGES = Path("/var/lib/faasd/core-images")
UP = 90.0
"""Seconds for all to be up, images unpacked in that time, too."""
REFUSED = (7, 28)
"""How curl ends where nobody answers: told so, or after its patience."""

_SUDO = '#!/bin/sh\nexec "$@"\n'


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str


@dataclass(frozen=True)
class Node:
    """The node."""

    directory: Path

    def set_up(self) -> None:
        """Do what install.sh does, but for the package."""
        require_sandbox()
        _write_program("faasd", LAUNCHER)
        if shutil.which("sudo") is None:
            _write_program("sudo", _SUDO)
        hosts = Path("/etc/hosts").read_text()
        Path("/etc/hosts").write_text(f"{hosts}\n{ADDRESS} {' '.join(NAMES)}\n")
        provide_core_images(CORE_IMAGES)
        self.faasd("install")
        self.start()
        archive = self.directory / "echo.tar"
        subprocess.run(
            [REPOSITORY / "distro/functions/build.sh", "echo", archive], check=True, timeout=120
        )
        self.faasd("image", "load", str(archive))
        self.faasd("prove", "localhost/echo:latest")

    def take_down(self) -> None:
        """Remove everything."""
        run("faasd", "uninstall", "--purge", seconds=120)

    def faasd(self, *words: str) -> str:
        """Run `faasd`, which must succeed; return what it printed."""
        ended = run("faasd", *words, seconds=120)
        assert ended.status == 0, ended.out
        return ended.out

    def start(self) -> None:
        """Bring what was installed about, and wait until all answers."""
        self.faasd("start")
        self.wait_up()

    def wait_up(self) -> None:
        """Wait until every part and every service is as it should be."""
        wait_until(self.is_whole, UP, f"the node\n{run('faasd', 'status').out}")

    def is_whole(self) -> bool:
        """Tell whether `faasd status` is content, and the gateway answers."""
        answers = self.asks("http://127.0.0.1:8080/healthz").status == 0
        return answers and run("faasd", "status").status == 0

    def asks(self, url: str, *more: str) -> Ended:
        """Be a caller on the node."""
        return run(*_curl(*more, url))

    def function_asks(self, url: str, *more: str) -> Ended:
        """Be a process in the function's network."""
        (network,) = Path("/run/faasd/netns").glob("openfaas-fn_echo.*")
        return run("nsenter", f"--net={network}", *_curl(*more, url))

    def function_address(self) -> str:
        """Return the function's address on the bridge."""
        (network,) = Path("/run/faasd/netns").glob("openfaas-fn_echo.*")
        shown = run("nsenter", f"--net={network}", "ip", "-4", "-br", "address", "show", "eth0")
        return shown.out.split()[2].partition("/")[0]


class World:
    """Another machine on the node's network, which also plays the cloud's metadata service."""

    def set_up(self) -> None:
        """Connect it; it knows the way to the bridge's addresses, as a neighbour may."""
        for command in (
            "ip netns add world",
            "ip link add up0 type veth peer name up1 netns world",
            f"ip address add {ADDRESS}/24 dev up0",
            "ip link set up0 up",
            f"ip -n world address add {STRANGER}/24 dev up1",
            f"ip -n world address add {OTHER}/24 dev up1",
            "ip -n world address add 169.254.169.254/32 dev up1",
            "ip -n world link set up1 up",
            "ip -n world link set lo up",
            f"ip -n world route add 10.62.0.0/16 via {ADDRESS}",
            f"ip route add 169.254.169.254/32 via {STRANGER}",
        ):
            subprocess.run(command.split(), check=True)

    def asks(self, url: str, *more: str) -> Ended:
        """Be a caller there."""
        return self.run(*_curl(*more, url))

    def run(self, *command: str) -> Ended:
        """Run a program there."""
        return run("ip", "netns", "exec", "world", *command)


@contextmanager
def serving(port: int, *, prefix: tuple[str, ...] = (), address: str = "0.0.0.0") -> Iterator[None]:
    """Have something listen that answers 404 at least."""
    where = f"{address}:{port}"
    command = [*prefix, "busybox", "httpd", "-f", "-p", where, "-h", "/run"]
    process = subprocess.Popen(command)
    try:
        wait_until(
            lambda: run(*prefix, *_curl(f"http://{where}/")).status == 0, 10, f"httpd at {where}"
        )
        yield
    finally:
        process.terminate()
        process.wait(10)


def run(*command: str, seconds: float = 60) -> Ended:
    """Run a program to its end."""
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
    )
    return Ended(done.returncode, done.stdout)


def _curl(*words: str) -> list[str]:
    return ["curl", "-sS", "-m", "2", *words]


def _write_program(name: str, text: str) -> None:
    path = Path("/usr/bin", name)
    path.write_text(text)
    path.chmod(0o755)
