"""A node of the suite's own, in a sandbox, for a run without OPENFAAS_URL."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from tests.conformance.settings import Settings
from tests.e2e.machine import PORT, SECRETS, Machine
from tests.programs.images import make_function_images


@contextmanager
def own_node(directory: Path, settings: Settings) -> Iterator[Settings]:
    """Run a node with the suite's images in its registry; give the settings that find it."""
    machine = Machine(directory)
    with ExitStack() as undo:
        undo.callback(machine.stop)
        machine.registry.start()
        push_images(directory / "images.tar", settings)
        machine.install()
        machine.start()
        yield replace(
            settings,
            url=f"http://127.0.0.1:{PORT}",
            user=(SECRETS / "basic-auth-user").read_text().strip(),
            password=(SECRETS / "basic-auth-password").read_text().strip(),
        )


def push_images(archive: Path, settings: Settings) -> None:
    """Build the images and push each to where its reference says, over plain HTTP."""
    make_function_images(archive, settings.images)
    for reference in settings.images.values():
        source = f"docker-archive:{archive}:{reference}"
        command = ["skopeo", "copy", "--quiet", "--dest-tls-verify=false", source]
        subprocess.run([*command, f"docker://{reference}"], check=True, timeout=60)
