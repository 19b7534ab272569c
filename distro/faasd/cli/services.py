"""`faasd start`, `faasd stop`, and what is run for them."""

import click

from faasd.cli.install import require_root
from faasd.installer.backup.left import settle_left
from faasd.installer.choices import read_choices
from faasd.installer.firewall import raise_firewall
from faasd.installer.https import raise_https
from faasd.installer.paths import Machine
from faasd.installer.services.choose import service_manager
from faasd.installer.steps import Step, run_steps


@click.command()
def start() -> None:
    """Start the node's programs, anew if they run.

    Functions and core services go on meanwhile: only what changed since they began is restarted.
    Before them the firewall is raised, after them HTTPS is, where `faasd install` chose them.
    """
    require_root()
    machine = Machine()
    choices = read_choices(machine)
    steps = [Step(title="services", run=service_manager(machine).start)]
    if choices.has_firewall:
        steps.insert(0, Step(title="firewall", run=lambda: raise_firewall(machine)))
    if choices.domain:
        steps.append(Step(title="https", run=lambda: raise_https(machine, choices)))
    run_steps(steps, print)


@click.command()
def stop() -> None:
    """Stop the node's programs and core services.

    The front door closes: nobody can call functions. They themselves go on, held by containerd.
    """
    require_root()
    print(f"services: {service_manager(Machine()).stop()}")


@click.command(hidden=True)
def settle() -> None:
    """Undo a restore that was cut off; what starts the programs runs this before them."""
    require_root()
    print(settle_left(Machine()))


@click.command(hidden=True)
def refresh() -> None:
    """Restart the programs that run, not the core services; the package's upgrade does this."""
    print(f"services: {service_manager(Machine()).refresh()}")
