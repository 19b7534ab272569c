"""`faasd up`."""

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

import click

from faasd.base.errors import NotFound
from faasd.installer.paths import COMPOSE_FILE, LOG_DIR, RUN_DIR, Machine
from faasd.installer.services.manager import systemd_runs
from faasd.supervisor.lock import find_holder


@click.command()
@click.option(
    "-f",
    "--file",
    type=click.Path(path_type=Path),
    default=Path(COMPOSE_FILE),
    show_default=True,
    help="The core services.",
)
@click.option("--reload", is_flag=True, help="Have the one that runs read its file again.")
@click.option("--daemon", is_flag=True, help="Start all of the node's programs in the background.")
@click.pass_context
def up(context: click.Context, file: Path, reload: bool, daemon: bool) -> None:  # noqa: FBT001
    """Run the core services of a compose file, and collect what all functions print.

    First it makes what a boot took: the run directory, the network, the containers' hosts and
    resolv.conf files. It goes on in the foreground until SIGTERM or SIGINT, which removes the core
    services; SIGHUP is the same as --reload in another terminal. SIGUSR1 ends it without the
    core services: the next one goes on with them (`faasd start` does this).
    """
    if daemon:
        from faasd.cli.services import start

        context.invoke(start)
    elif reload:
        reload_running()
    else:
        from faasd.installer.backup.swap import check_whole
        from faasd.installer.boot import prepare_boot

        check_whole(Machine())
        prepare_boot(Machine())
        become_keeper(file.absolute())


def reload_running() -> None:
    """Tell the `faasd up` that runs to read its file again, if the file is good.

    Raises:
        NotFound: none runs, or there is no such file.
        InvalidInput: the file is malformed.
    """
    holder = find_holder(Path(RUN_DIR))
    if holder is None:
        raise NotFound("no `faasd up` runs here: start it by `sudo faasd start`")
    from faasd.supervisor.compose.load import load_compose

    load_compose(Path(holder.file), os.environ)
    os.kill(holder.pid, signal.SIGHUP)
    print(
        f"process {holder.pid} reads {holder.file} again; what it does is in its log "
        f"({_name_log()}), how it is now: sudo faasd status"
    )


def _name_log() -> str:
    """Return where a `faasd up` that the service manager runs logs."""
    if systemd_runs(Machine()):
        return "journalctl -u faasd"
    return f"{LOG_DIR}/faasd/current"


def become_keeper(file: Path) -> NoReturn:
    """Go on in this process, with nothing of click and the like left in memory."""
    sys.stdout.flush()
    # -P: a directory `faasd` below the working directory is not ours.
    command = [sys.executable, "-P", "-m", "faasd.cli.keep", str(file)]
    os.execv(sys.executable, command)  # noqa: S606
