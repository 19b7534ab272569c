"""Places in a sandbox's network: a service on the bridge, and another machine."""

import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.machine.processes import require_sandbox, wait_until

BRIDGE = "openfaas0"
NODE_OUTSIDE = "192.0.2.1"
SERVICE = "10.62.200.9"

_UDP_ECHO = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 8080))
while True:
    data, peer = s.recvfrom(99); s.sendto(data, peer)
"""
HTTP_ANSWER = """
import socket, sys
s = socket.create_server((sys.argv[1], int(sys.argv[2])))
while True:
    c, _ = s.accept(); c.recv(999); c.sendall(b"HTTP/1.0 204 Fine\\r\\n\\r\\n"); c.close()
"""
_UDP_ASK = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(1)
s.sendto(b"hello", (sys.argv[1], int(sys.argv[2]))); print(s.recv(99).decode())
"""


@dataclass(frozen=True)
class Place:
    """A network namespace, held by a process; the sandbox's own where there is none."""

    pid: int = 0

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command there, five seconds at most."""
        enter = ["nsenter", "--net", "--target", str(self.pid)] if self.pid else []
        return subprocess.run(
            [*enter, *command], capture_output=True, text=True, check=False, timeout=5
        )

    def reaches(self, address: str, port: int) -> bool:
        """Tell whether HTTP answers at an address, asked from here."""
        url = f"http://{address}:{port}/"
        return self.run("curl", "-sf", "-m", "1", "-o", "/dev/null", url).returncode == 0

    def reaches_udp(self, address: str, port: int) -> bool:
        """Tell whether UDP comes back from an address, asked from here."""
        asked = self.run("/usr/bin/python3", "-c", _UDP_ASK, address, str(port))
        return asked.stdout == "hello\n"


@dataclass(frozen=True)
class Places:
    """The node itself, a service and another container on its bridge, and another machine."""

    node: Place
    container: Place
    outside: Place


def make_places(undo: ExitStack) -> Places:
    """Make the network; `undo` takes it away."""
    require_sandbox()
    ip = Place().run
    if not Path("/sys/class/net", BRIDGE).exists():
        ip("ip", "link", "add", BRIDGE, "type", "bridge")
        ip("ip", "address", "add", "10.62.0.1/16", "dev", BRIDGE)
        ip("ip", "link", "set", BRIDGE, "up")
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1\n")
    service = _beside(undo, "svc", f"{SERVICE}/16", "10.62.0.1")
    container = _beside(undo, "con", "10.62.200.10/16", "10.62.0.1")
    for link in ("svc", "con"):
        ip("ip", "link", "set", link, "master", BRIDGE)
    outside = _beside(undo, "out", "192.0.2.2/24", NODE_OUTSIDE)
    ip("ip", "address", "add", f"{NODE_OUTSIDE}/24", "dev", "out")
    for program in (["-c", HTTP_ANSWER, "", "8080"], ["-c", _UDP_ECHO]):
        _hold(undo, ["nsenter", "--net", "-t", str(service.pid), "/usr/bin/python3", *program])
    wait_until(lambda: Place().reaches(SERVICE, 8080), 5, "the service answers")
    wait_until(lambda: Place().reaches_udp(SERVICE, 8080), 5, "the service answers by UDP")
    return Places(node=Place(), container=container, outside=outside)


def _beside(undo: ExitStack, link: str, address: str, gateway: str) -> Place:
    """Make a place that the sandbox reaches by a link."""
    holder = _hold(undo, ["unshare", "--net", "sleep", "600"])
    own = Path("/proc/self/ns/net").readlink()
    wait_until(lambda: Path(f"/proc/{holder}/ns/net").readlink() != own, 5, "a namespace")
    place = Place(holder)
    Place().run(*f"ip link add {link} type veth peer name eth0 netns {holder}".split())
    undo.callback(Place().run, "ip", "link", "delete", link)
    Place().run("ip", "link", "set", link, "up")
    place.run("ip", "address", "add", address, "dev", "eth0")
    place.run("ip", "link", "set", "lo", "up")
    place.run("ip", "link", "set", "eth0", "up")
    place.run("ip", "route", "add", "default", "via", gateway)
    return place


def _hold(undo: ExitStack, command: list[str]) -> int:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def end() -> None:
        process.kill()
        process.wait(5)

    undo.callback(end)
    return process.pid
