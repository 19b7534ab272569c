"""The machine that is measured: the shipped programs, and the two sample functions."""

import http.client
import json
import subprocess
from contextlib import closing
from pathlib import Path

from bench.clock import PATIENCE, wait_for
from tests.e2e.client import NAMESPACE, Client
from tests.e2e.inventory import RUN
from tests.e2e.machine import PORT, REPOSITORY
from tests.machine.core_images import provide_core_images
from tests.product.place import CORE_IMAGES, FRONT, Product, listed

STATIC = "localhost/static:latest"
"""The image of distro/functions/static: a C server, so that starting is all that is measured."""

PYTHON = "localhost/python:latest"
"""The image of distro/functions/python: an interpreter starts, too."""

SAMPLES = {STATIC: "static", PYTHON: "python"}


class Stand:
    """A machine with the static server's image on the node."""

    port = FRONT
    url = f"http://127.0.0.1:{FRONT}"

    def __init__(self, directory: Path) -> None:
        self.machine = Product(directory)
        self.archives = {image: directory / f"{name}.tar" for image, name in SAMPLES.items()}
        self.archive = self.archives[STATIC]
        build = REPOSITORY / "distro/functions/build.sh"
        for archive in self.archives.values():
            subprocess.run([str(build), archive.stem, str(archive)], check=True, timeout=120)
        self.machine.install()
        provide_core_images(CORE_IMAGES)
        self.machine.containerd.start()
        for archive in self.archives.values():
            self.machine.run("faasd", "image", "load", str(archive))

    @property
    def client(self) -> Client:
        """A caller with the generated password."""
        return self.machine.client()

    @property
    def front(self) -> Client:
        """A caller of the front door."""
        return self.machine.front()

    def calls(self, name: str) -> int:
        """Return how often a function was called, as the front door counts."""
        return int(str(listed(self.front, name)["invocationCount"]))

    def state(self, name: str) -> str:
        """Return the state of a function, in the provider's word."""
        status = self.client.describe(name).json
        return str(status["annotations"]["com.openfaas.status.state"])

    def containers(self, name: str) -> list[str]:
        """Return the names of a function's containers."""
        return self._containers_of([name])

    def routes(self) -> list[str]:
        """Return what the provider tells the gateway, once it has seen all there is.

        A stream that is left takes its place for some seconds more, so it is not for asking often.

        Raises:
            OSError: the provider does not answer, or not to its end.
        """
        path = "/system/routes"
        with closing(http.client.HTTPConnection("127.0.0.1", PORT, timeout=PATIENCE)) as asking:
            asking.request("GET", path, headers=self.client.authorization)
            answer = asking.getresponse()
            lines: list[str] = []
            while line := answer.readline().decode():
                if "synced" in line:
                    return lines
                lines.append(line)
        raise ConnectionError(f"{path} ended before all was told")

    def deploy(self, name: str, image: str = STATIC, **more: object) -> None:
        """Deploy a function, the static server unless told; do not wait."""
        answer = self.client.deploy(name, image, **more)
        if answer.status not in (200, 202):
            raise RuntimeError(f"deploy {name}: {answer.status} {answer.text}")

    def delete(self, *names: str) -> None:
        """Delete functions and wait until their containers are gone."""
        for name in names:
            self.client.delete(name)
        wait_for(lambda: not set(names) & self.client.names(), "functions are not listed")
        wait_for(lambda: not self._containers_of(names), "containers are gone", 120)

    def address(self, name: str) -> str:
        """Return the address of a function's replica, as the CNI plugins answered it."""
        container = self._containers_of([name])[0]
        result = json.loads((RUN / "cni" / f"{NAMESPACE}_{container}").read_text())
        return str(result["ips"][0]["address"]).partition("/")[0]

    def _containers_of(self, names: tuple[str, ...] | list[str]) -> list[str]:
        found = self.machine.containerd.ctr("containers", "ls", "-q", namespace=NAMESPACE).split()
        return [one for one in found if one.split(".")[0] in names]
