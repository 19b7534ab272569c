"""`faasd end`: what the machine's shutdown runs; loads little, because that waits for it."""

import click

from faasd.installer.paths import Machine
from faasd.installer.shutdown import end_containers


@click.command(hidden=True)
def end() -> None:
    """End all containers of the node; a machine that goes down runs this after our programs."""
    print(end_containers(Machine()))
