"""`faasd collect`, and the collecting that `faasd up` does."""

import fcntl
import logging
from pathlib import Path

import click

from faasd.cli.node import SETTINGS
from faasd.installer.boot import prepare_run_directory
from faasd.installer.paths import RUN_DIR, Machine

log = logging.getLogger(__name__)


@click.command()
def collect() -> None:
    """Write what functions print to the journal, or to files; `faasd up` does this, too."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    prepare_run_directory(Machine())
    collect_alone()


def collect_alone() -> None:
    """Collect until a signal; where another process does so, wait to take over from it.

    Two readers of one pipe would tear its lines apart.
    """
    from faasd import collector

    with Path(RUN_DIR, "collector.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.info("another process collects the logs; waiting to take over from it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        collector.run(collector.CollectorSettings(run_dir=SETTINGS.run_dir))
