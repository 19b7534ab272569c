"""Caddy as a service: Debian's unit under systemd, a directory of ours under runit."""

import socket
import time
from pathlib import Path

from faasd.base.errors import TimedOut
from faasd.installer.assets import read_asset
from faasd.installer.files import remove_tree, write_file
from faasd.installer.paths import CADDY_CONFIG, SERVICES_DIR, Machine
from faasd.installer.programs import run_program, try_program
from faasd.installer.services.manager import CADDY_SERVICE, systemd_runs
from faasd.installer.services.processes import is_supervised

_UNIT = "caddy.service"
_DIRECTORY = f"{SERVICES_DIR}/{CADDY_SERVICE}"
_PORT = 443
_TIMEOUT = 20.0
_POLL = 0.1


def write_caddy_service(machine: Machine) -> None:
    """Have it started at each boot; under runit, where `runsvdir` is."""
    if systemd_runs(machine):
        run_program("systemctl", "enable", "--quiet", _UNIT)
        return
    for script in ("run", "log/run"):
        target = machine.at(_DIRECTORY) / script
        write_file(target, read_asset(f"sv/{CADDY_SERVICE}/{script}"), 0o755)


def reload_caddy(machine: Machine) -> None:
    """Have it run with the configuration as it is now; connections go on meanwhile.

    Raises:
        TimedOut: it does not listen for HTTPS after 20 s.
    """
    if systemd_runs(machine):
        run_program("systemctl", "reload-or-restart", _UNIT)
    elif _listens():
        run_program("caddy", "reload", "--force", "--config", str(machine.at(CADDY_CONFIG)))
    end = time.monotonic() + _TIMEOUT
    while not _listens():
        if time.monotonic() > end:
            raise TimedOut(
                f"waited {_TIMEOUT:.0f} s for Caddy to listen on port {_PORT}: see {_log(machine)}"
            )
        time.sleep(_POLL)


def remove_caddy(machine: Machine) -> None:
    """Have a Caddy that runs forget our site; one of our own ends."""
    if systemd_runs(machine):
        try_program("systemctl", "try-reload-or-restart", _UNIT)
    elif machine.at(_DIRECTORY).exists():
        _remove_directory(machine.at(_DIRECTORY))


def _remove_directory(directory: Path) -> None:
    """End what runit supervises there, under a name that runsvdir leaves alone: with a dot."""
    hidden = directory.with_name(f".{directory.name}")
    remove_tree(hidden)
    directory.rename(hidden)
    try_program("sv", "-w", "20", "force-stop", str(hidden))
    try_program("sv", "exit", str(hidden))
    end = time.monotonic() + _TIMEOUT
    while is_supervised(hidden) and time.monotonic() < end:
        time.sleep(_POLL)
    remove_tree(hidden)


def _listens() -> bool:
    try:
        socket.create_connection(("127.0.0.1", _PORT), timeout=2).close()
    except OSError:
        return False
    return True


def _log(machine: Machine) -> str:
    systemd = "`journalctl -u caddy`"
    return systemd if systemd_runs(machine) else "/var/log/faasd/caddy/current"
