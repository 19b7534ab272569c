"""`faasd start` and `faasd stop`."""

import click

from faasd.cli.install import require_root
from faasd.installer.paths import Machine
from faasd.installer.services.choose import service_manager


@click.command()
def start() -> None:
    """Start the node's programs, anew if they run.

    Functions and core services go on meanwhile: only what changed since they began is restarted.
    """
    require_root()
    print(f"services: {service_manager(Machine()).start()}")


@click.command()
def stop() -> None:
    """Stop the node's programs and core services.

    The front door closes: nobody can call functions. They themselves go on, held by containerd.
    """
    require_root()
    print(f"services: {service_manager(Machine()).stop()}")


@click.command(hidden=True)
def refresh() -> None:
    """Restart the programs that run, not the core services; the package's upgrade does this."""
    print(f"services: {service_manager(Machine()).refresh()}")
