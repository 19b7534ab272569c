"""`faasd supervise`: one run of a supervisor, as `faasd up` starts them when there is work."""

import logging
import os
from contextlib import closing
from pathlib import Path

import click

from faasd.installer.paths import CORE_IMAGES_DIR, RUN_DIR


@click.command(hidden=True)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--resume", is_flag=True, help="Go on where the run before left.")
@click.option("--reload", is_flag=True, help="Read the file anew.")
@click.option("--unhealthy", multiple=True, help="A service that was found so.")
@click.option("--remove", is_flag=True, help="Remove all services instead.")
def supervise(
    file: Path,
    resume: bool,  # noqa: FBT001
    reload: bool,  # noqa: FBT001
    unhealthy: tuple[str, ...],
    remove: bool,  # noqa: FBT001
) -> None:
    """Bring the services of FILE to where they should be, and end once all is well."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    # Late, and after the options: this is what `faasd up` does not keep in memory.
    from faasd.cli.node import open_this_node
    from faasd.supervisor.open import first_course, next_course, open_supervisor, remove_services
    from faasd.supervisor.pulse import Pulse
    from faasd.supervisor.signals import run_until_signal
    from faasd.supervisor.wanted import SupervisorSettings

    pulse = Pulse.take(os.environ)
    with closing(open_this_node()) as node:
        if remove:
            remove_services(node, RUN_DIR)
            return
        course = first_course()
        if resume:
            course = next_course(RUN_DIR, frozenset(unhealthy), reloads=reload)
        settings = SupervisorSettings(
            compose_file=file, archives=Path(CORE_IMAGES_DIR), variables=os.environ
        )
        run_until_signal(open_supervisor(node, settings, RUN_DIR, course, pulse))
