"""Nodes that come and go on one machine, set up and started by the shipped commands."""

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.client import Client
from tests.e2e.machine import REPOSITORY, Machine
from tests.machine.containerd import PrivateContainerd
from tests.machine.core_images import provide_core_images
from tests.machine.processes import wait_until
from tests.product.place import CORE_IMAGES, FRONT, is_up
from tests.programs.archive import make_archive

PASSPHRASE = "a rather long passphrase"
SERVE = "docker.io/library/serve:latest"
UP = 90.0


@dataclass
class Node(Machine):
    """A node under runit, as `faasd start` starts it."""

    archives: dict[str, Path] = field(default_factory=dict, init=False)

    def make_images(self) -> None:
        """Make what functions are made of: two samples in files, one image in the registry."""
        for sample in ("static", "echo"):
            archive = self.directory / f"{sample}.tar"
            build = REPOSITORY / "distro/functions/build.sh"
            subprocess.run([str(build), sample, str(archive)], check=True, timeout=120)
            self.archives[sample] = archive
        make_archive(self.directory / "serve.tar", ("serve",), (SERVE,))
        self.registry.start()
        self.registry.push(self.directory / "serve.tar", SERVE, "serve:1")

    def set_up(self) -> None:
        """Make the machine a new node, with a login of its own, and wait until all of it is up."""
        self.install()
        provide_core_images(CORE_IMAGES)
        self.run("faasd", "start")
        self.wait_up()

    def wait_up(self) -> None:
        """Wait until the front door takes the login that is there."""
        wait_until(lambda: is_up(self.front()), UP, f"the front door\n{self.status()}")

    def wipe(self) -> None:
        """Take everything off the machine: the next node has nothing of this one."""
        self.command("faasd", "uninstall", "--purge")
        wait_until(lambda: not PrivateContainerd(Path("/x"), Path("/run/containerd")).answers(), 20,
                   "containerd ended")  # fmt: skip
        for left in Path("/var/lib/containerd").iterdir():
            shutil.rmtree(left)
        assert not list(Path("/var/lib").glob("faasd*"))

    def front(self) -> Client:
        """Return a caller of the front door with the login of the moment."""
        return self.client(FRONT)

    def status(self) -> str:
        """Return what `faasd status` says."""
        return self.command("faasd", "status", check=False).stdout

    def command(
        self, *words: str, check: bool = True, passphrase: str = PASSPHRASE
    ) -> subprocess.CompletedProcess[str]:
        """Run a command; `passphrase` lies in a file that it is told of where it wants one."""
        if words[1] in ("backup", "restore"):
            file = self.directory / "passphrase"
            file.write_text(f"{passphrase}\n")
            words = (*words, "--passphrase-file", str(file))
        ended = subprocess.run(words, capture_output=True, text=True, timeout=240, check=False)
        assert not check or ended.returncode == 0, f"{words}: {ended.stdout}{ended.stderr}"
        return ended
