"""The baseline: containerd's own client, without anything of ours."""

import json
import subprocess
import time
from pathlib import Path

from bench.clock import milliseconds_since, wait_for_first_byte
from tests.machine.containerd import PrivateContainerd

NAMESPACE = "bare"
NETWORK = {
    "cniVersion": "0.4.0",
    "name": "bare",
    "plugins": [
        {
            "type": "bridge",
            "bridge": "bare0",
            "isGateway": True,
            "ipam": {
                "type": "host-local",
                "subnet": "10.62.128.0/17",
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        },
    ],
}


class Bare:
    """`ctr run -d --cni` on the same containerd, kernel and plugins, on a bridge of its own."""

    def __init__(self, containerd: PrivateContainerd, archive: Path, image: str) -> None:
        self._containerd, self._image = containerd, image
        self._made = 0
        _let_ctr_find_plugins()
        self._ctr("images", "import", str(archive))

    def deploy(self) -> float:
        """Run one container until it answers, remove it; return milliseconds.

        Looking its address up does not count, though the program comes up meanwhile.
        """
        name = self._name()
        began = time.perf_counter()
        self.run(name)
        taken = milliseconds_since(began)
        address = self._address(name)
        began = time.perf_counter()
        wait_for_first_byte(address)
        taken += milliseconds_since(began)
        self.remove(name)
        return taken

    def run(self, name: str) -> None:
        """Run one container."""
        self._ctr("run", "-d", "--cni", self._image, name)

    def remove(self, name: str) -> None:
        """End and remove it; `ctr` asks CNI to free its address."""
        self._ctr("tasks", "kill", "-s", "9", name)
        while name in self._ctr("tasks", "ls", "-q").split() and "STOPPED" not in self._ctr(
            "tasks", "ls"
        ):
            time.sleep(0.01)
        self._ctr("tasks", "rm", "--force", name)
        self._ctr("containers", "rm", name)

    def _name(self) -> str:
        self._made += 1
        return f"bare{self._made}"

    def _address(self, name: str) -> str:
        lines = [line.split() for line in self._ctr("tasks", "ls").splitlines()]
        pid = next(line[1] for line in lines if line[0] == name)
        shown = subprocess.run(
            ["nsenter", "-t", pid, "-n", "ip", "-json", "-4", "address", "show", "eth0"],
            check=True,
            capture_output=True,
            timeout=10,
        )
        return str(json.loads(shown.stdout)[0]["addr_info"][0]["local"])

    def _ctr(self, *arguments: str) -> str:
        return self._containerd.ctr(*arguments, namespace=NAMESPACE)


def _let_ctr_find_plugins() -> None:
    """`ctr` looks for plugins below /opt/cni and for the first network below /etc/cni/net.d."""
    subprocess.run(["mount", "-t", "tmpfs", "opt", "/opt"], check=True)
    Path("/opt/cni").mkdir()
    Path("/opt/cni/bin").symlink_to("/usr/lib/cni")
    Path("/etc/cni/net.d").mkdir(parents=True, exist_ok=True)
    Path("/etc/cni/net.d/00-bare.conflist").write_text(json.dumps(NETWORK))
