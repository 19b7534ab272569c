"""`faasd install` and `faasd uninstall`."""

import os

import click

from faasd.base.errors import FaasdError
from faasd.installer.paths import Machine
from faasd.installer.services.choose import service_manager
from faasd.installer.setup import setup_steps
from faasd.installer.steps import Step, run_steps


@click.command()
def install() -> None:
    """Write what the node needs: directories, network, login, settings, services.

    Starts nothing (`faasd start` does). Safe to run again: what you edited is kept.
    """
    machine = Machine()
    require_root()
    services = Step(title="services", run=service_manager(machine).enable)
    run_steps((*setup_steps(machine), services), print)


@click.command()
@click.option("--purge", is_flag=True, help="Remove functions, secrets, login and logs, too.")
def uninstall(purge: bool) -> None:  # noqa: FBT001
    """Remove all containers, images, networks and files of ours; keep data.

    The package itself is removed by apt.
    """
    from faasd.cli.node import open_this_node
    from faasd.installer.teardown import purge_steps, teardown_steps

    machine = Machine()
    require_root()
    steps = teardown_steps(machine, open_this_node)
    run_steps((*steps, *purge_steps(machine)) if purge else steps, print)


def require_root() -> None:
    """Refuse to go on as anybody else.

    Raises:
        FaasdError: the caller is not root.
    """
    if os.geteuid() != 0:
        raise FaasdError("this needs root: run it with sudo")
