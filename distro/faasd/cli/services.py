"""`faasd start` and `faasd stop`."""

import click

from faasd.cli.install import require_root
from faasd.installer.paths import Machine
from faasd.installer.services.choose import service_manager


@click.command()
def start() -> None:
    """Start the node's programs, anew if they run; functions go on meanwhile."""
    require_root()
    print(f"services: {service_manager(Machine()).start()}")


@click.command()
def stop() -> None:
    """Stop the node's programs; functions go on, as containerd holds them."""
    require_root()
    print(f"services: {service_manager(Machine()).stop()}")


@click.command(hidden=True)
def refresh() -> None:
    """Restart the programs that run; the package does this when it is upgraded."""
    print(f"services: {service_manager(Machine()).refresh()}")
