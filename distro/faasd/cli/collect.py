"""`faasd collect`."""

import logging
import os
import sys
from typing import NoReturn

import click

from faasd.installer.boot import prepare_run_directory
from faasd.installer.paths import LOG_DIR, RUN_DIR, Machine


@click.command()
def collect() -> None:
    """Write what functions print to the journal, or to files.

    `faasd up` does this, too; while one of them does it, the other waits to take over.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    prepare_run_directory(Machine())
    become_collector()


def become_collector() -> NoReturn:
    """Collect until a signal, in this process but with nothing else of it left in memory.

    Preparing a network takes gRPC, which is larger than the whole collector.
    """
    from faasd import collector

    settings = collector.CollectorSettings(run_dir=RUN_DIR, log_dir=LOG_DIR)
    sys.stdout.flush()
    os.execv(sys.executable, collector.command(settings))  # noqa: S606
