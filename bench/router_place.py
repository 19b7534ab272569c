"""`tests/sandbox/enter /usr/bin/python3 -m bench.router_place`: where the router should run.

One HAProxy in the node's own network, one on the bridge behind a published port, before the same
function, called from the node itself and from a host beside it; the function alone first.
"""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.wrk import Load, wrk
from faasd.node.adapters.cni.networks import CniNetworks
from faasd.node.domain.network import Network
from faasd.supervisor.compose.values import Port
from faasd.supervisor.nftables import Publisher
from faasd.supervisor.publish import Bridge, Published
from tests.machine.processes import require_sandbox
from tests.node.network.place import write

SERVER = Path("distro/functions/static/server.c")
CONNECTIONS = (1, 16, 100)
RUNS = 3
OWN, BRIDGED = 8080, 8081
OUTSIDE = "10.62.230.1"
BRIDGE, SUBNET = "fdtest0", "10.62.240.0/24"
HEADER = "| connections | router | req/s | p50 ms | p99 ms |\n|---|---|---|---|---|"
CONFIG = """\
global
  nbthread 2
defaults
  mode http
  timeout client 60s
  timeout server 60s
  timeout connect 3s
  http-reuse safe
frontend front
  bind :8080
  default_backend function
backend function
  server one {address}:8080
"""
BESIDE = ("ip", "netns", "exec", "beside")
HOST_BESIDE = (
    "ip netns add beside",
    "ip link add up0 type veth peer name up1 netns beside",
    f"ip address add {OUTSIDE}/24 dev up0",
    "ip link set up0 up",
    "ip netns exec beside ip address add 10.62.230.2/24 dev up1",
    "ip netns exec beside ip link set up1 up",
)


def main() -> None:
    """Print a line for each number of connections and run."""
    require_sandbox()
    with tempfile.TemporaryDirectory() as directory, _running(Path(directory)) as function:
        urls = {
            "function alone": (f"http://{function}:8080/", ()),
            "own network": (f"http://127.0.0.1:{OWN}/", ()),
            "published": (f"http://127.0.0.1:{BRIDGED}/", ()),
            "own network, from beside": (f"http://{OUTSIDE}:{OWN}/", BESIDE),
            "published, from beside": (f"http://{OUTSIDE}:{BRIDGED}/", BESIDE),
        }
        print(HEADER)
        for connections in CONNECTIONS:
            for name, (url, place) in urls.items():
                loads = [wrk(url, connections, place) for _ in range(RUNS)]
                print(f"| {connections} | {name} | {_cells(loads)} |", flush=True)


def _cells(loads: list[Load]) -> str:
    """Return the run of the median rate."""
    one = sorted(loads, key=lambda load: load.rate)[len(loads) // 2]
    return f"{one.rate:,.0f} | {one.median:.3f} | {one.p99:.2f}"


@contextmanager
def _running(directory: Path) -> Iterator[str]:
    """Run all of it; the one item is the function's address. At the end nothing of it is left."""
    with ExitStack() as ended:
        networks = _prepare_networks(directory, ended)
        function, bridged = (_attach(networks, name, ended) for name in ("a.1.0", "r.1.0"))
        subprocess.run(["gcc", "-O2", "-o", directory / "server", SERVER], check=True)
        config = directory / "haproxy.cfg"
        config.write_text(CONFIG.format(address=function.address))
        haproxy = ["haproxy", "-db", "-f", str(config)]
        for command in (
            ["nsenter", f"--net={function.path}", str(directory / "server"), "8080"],
            haproxy,
            ["nsenter", f"--net={bridged.path}", *haproxy],
        ):
            process = subprocess.Popen(command)
            ended.callback(process.wait)
            ended.callback(process.kill)
        for step in HOST_BESIDE:
            subprocess.run(step.split(), check=True)
        ended.callback(_run, "ip", "netns", "delete", "beside")
        port = Port(address="0.0.0.0", published=BRIDGED, target=8080)
        publisher = Publisher(Bridge(name=BRIDGE, subnet=SUBNET))
        publisher.publish([Published(port=port, address=bridged.address or "")])
        ended.callback(publisher.publish, [])
        time.sleep(1)
        yield function.address or ""


def _prepare_networks(directory: Path, ended: ExitStack) -> CniNetworks:
    """Make the bridge; its end takes the mount away that keeps the directory from being removed."""
    settings = write(directory, subnet=SUBNET)
    networks = CniNetworks(settings)
    networks.prepare()
    ended.callback(_run, "umount", "-l", f"{settings.run_dir}/netns")
    ended.callback(_run, "ip", "link", "delete", BRIDGE)
    return networks


def _attach(networks: CniNetworks, name: str, ended: ExitStack) -> Network:
    made = networks.attach("fn", name)
    ended.callback(networks.detach, "fn", name)
    return made


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
