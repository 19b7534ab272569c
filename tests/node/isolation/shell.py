"""Runs a shell script in a container of a real node, and returns what it printed."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faasd.node.domain.container import ContainerSpec, Mount, TaskState
from faasd.node.open import Node
from tests.machine.processes import wait_until

REPOSITORY = Path(__file__).parents[3]
NAMESPACE = "openfaas-fn"
IMAGE = "localhost/echo:latest"
"""The sample function's image, which holds busybox."""


def load_image(node: Node, directory: Path) -> None:
    """Build the image and take it in."""
    archive = directory / "echo.tar"
    build = REPOSITORY / "distro/functions/build.sh"
    subprocess.run([str(build), "echo", str(archive)], check=True, timeout=120, capture_output=True)
    node.images.load(NAMESPACE, archive)


@dataclass
class Shell:
    """Containers that run one script and end."""

    node: Node
    directory: Path

    def run(self, script: str, **spec: object) -> str:
        """Return what `script` prints, errors included, run as root where `user` says nothing."""
        out = self.directory / "out"
        out.mkdir(exist_ok=True)
        out.chmod(0o777)
        (out / "printed").unlink(missing_ok=True)
        self._run(f"exec >/out/printed 2>&1; {script}", out, spec)
        return (out / "printed").read_text()

    def status(self, script: str, **spec: object) -> int:
        """Return the status with which a script ends."""
        out = self.directory / "out"
        out.mkdir(exist_ok=True)
        return self._run(script, out, spec)

    def _run(self, script: str, out: Path, spec: dict[str, object]) -> int:
        usual: dict[str, Any] = {
            "namespace": NAMESPACE,
            "id": "shell.1.0",
            "name": "shell",
            "image": IMAGE,
            "user": "0:0",
            "entrypoint": ("/bin/busybox", "sh", "-c", script),
            "mounts": (Mount(source=str(out), target="/out", read_only=False),),
        }
        wanted = ContainerSpec(**(usual | spec))
        workloads = self.node.workloads
        workloads.create(wanted)
        try:
            workloads.start(wanted.namespace, wanted.id)
            wait_until(lambda: self._ended(wanted), 20, "the script's end")
            found = workloads.find(wanted.namespace, wanted.id)
            return found.task.exit_status if found else -1
        finally:
            workloads.remove(wanted.namespace, wanted.id)

    def _ended(self, wanted: ContainerSpec) -> bool:
        found = self.node.workloads.find(wanted.namespace, wanted.id)
        return found is not None and found.state is TaskState.STOPPED
