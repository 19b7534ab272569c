"""`faasd provider`."""

import logging
import os
import sys

import click

from faasd.cli.api import PORT_SETTING, provider_port
from faasd.cli.node import prepare_network
from faasd.installer.backup.swap import check_whole
from faasd.installer.boot import prepare_run_directory, write_name_files
from faasd.installer.paths import Machine

MALLOC = {"MALLOC_ARENA_MAX": "1", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
"""glibc otherwise keeps a heap for each of the many threads, most of them nearly empty, and in each
thread 100 kB of freed pieces for that thread alone: as much again as a hundred functions need."""


@click.command()
def provider() -> None:
    """Serve the provider API on the loopback and the bridge address, in the foreground."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    port = provider_port(os.environ.get(PORT_SETTING, ""))
    machine = Machine()
    check_whole(machine)
    prepare_run_directory(machine)
    address = prepare_network()
    write_name_files(machine, address)
    os.environ.setdefault("faasd_bridge_address", address)
    command = gunicorn_command(address, port)
    for name, value in MALLOC.items():
        os.environ.setdefault(name, value)
    os.execv(command[0], command)  # noqa: S606  # gunicorn takes this process over


def gunicorn_command(address: str, port: int) -> list[str]:
    """Return what serves the provider: this Python's gunicorn, on two addresses and no other."""
    binds = [word for host in ("127.0.0.1", address) for word in ("--bind", f"{host}:{port}")]
    settings = ["--config", "python:provider_app.gunicorn_settings"]
    return [sys.executable, "-m", "provider_app.serve", *settings, *binds, "provider_app.wsgi:app"]
