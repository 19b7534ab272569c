"""A node of the suite's own, in a sandbox, for a run without OPENFAAS_URL."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from tests.conformance.images import push_images
from tests.conformance.settings import Settings
from tests.e2e.machine import PORT, SECRETS, Machine
from tests.product.place import FRONT, Product


@contextmanager
def own_node(directory: Path, settings: Settings) -> Iterator[Settings]:
    """Run a node with the suite's images in its registry; give the settings that find it.

    With core services it is asked through the router, else straight at the provider.
    """
    machine = Product(directory) if settings.has_async else Machine(directory)
    with ExitStack() as undo:
        undo.callback(machine.stop)
        machine.registry.start()
        push_images(directory / "images.tar", settings.images, "--dest-tls-verify=false")
        if isinstance(machine, Product):
            machine.prepare()
        else:
            machine.install()
            machine.start()
        port = FRONT if settings.has_async else PORT
        yield replace(
            settings,
            url=f"http://127.0.0.1:{port}",
            user=(SECRETS / "basic-auth-user").read_text().strip(),
            password=(SECRETS / "basic-auth-password").read_text().strip(),
        )
