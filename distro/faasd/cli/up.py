"""`faasd up`."""

import logging

import click

from faasd.cli.collect import become_collector
from faasd.cli.node import prepare_network
from faasd.cli.services import start
from faasd.installer.boot import prepare_run_directory, write_name_files
from faasd.installer.paths import Machine


@click.command()
@click.option("--daemon", is_flag=True, help="Start all of the node's programs in the background.")
@click.pass_context
def up(context: click.Context, daemon: bool) -> None:  # noqa: FBT001
    """Make what a boot took, then keep the node's own services running, in the foreground.

    The network, the run directory and the containers' hosts and resolv.conf files are made again;
    then it collects the logs of all functions.
    """
    if daemon:
        context.invoke(start)
        return
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    machine = Machine()
    prepare_run_directory(machine)
    write_name_files(machine, prepare_network())
    become_collector()
