"""The choice of a service manager, and what each of them can do."""

import socket
from enum import Enum
from pathlib import Path
from typing import Protocol

from faasd.installer.paths import SERVICES_DIR, Machine

PROGRAMS = ("faasd", "faasd-provider")
"""Our services, in the order they start."""

KEEPER = "faasd"
"""The one of them that ends core services with it, unless SIGUSR1 ends it."""

CADDY_SERVICE = "caddy"
"""Beside ours where a domain is chosen; Debian's program."""

CONTAINERD_SOCKET = "/run/containerd/containerd.sock"
_SOCKET_TIMEOUT = 2.0


class Manager(Enum):
    """Who runs services on this machine."""

    SYSTEMD = "systemd"
    RUNIT = "runit"


class ServiceManager(Protocol):
    """Starts and stops our programs. Doing either again changes nothing."""

    def enable(self) -> str:
        """Have them started at each boot, where the manager can; say what was done."""
        ...

    def start(self) -> str:
        """Start them, anew if they run; core services go on meanwhile; say what was done."""
        ...

    def stop(self) -> str:
        """Stop them and the core services, containerd not; say what was done."""
        ...

    def disable(self) -> str:
        """Undo `enable`, and stop whatever else of ours runs; say what was done."""
        ...

    def refresh(self) -> str:
        """Start those anew that run, not the core services; say what was done."""
        ...

    def states(self) -> dict[str, str]:
        """Return a word or two about each service that should run."""
        ...


def decide_manager(*, systemd_runs: bool) -> Manager:
    """Choose: systemd where it is the init system, otherwise a runit of our own."""
    return Manager.SYSTEMD if systemd_runs else Manager.RUNIT


def decide_services(*, containerd_answers: bool, containerd_is_ours: bool) -> tuple[str, ...]:
    """Choose what runit supervises: containerd only where nobody else runs it."""
    if containerd_answers and not containerd_is_ours:
        return PROGRAMS
    return ("containerd", *PROGRAMS)


def systemd_runs(machine: Machine) -> bool:
    """Tell whether systemd is the init system (the test of sd_booted(3))."""
    return machine.at("/run/systemd/system").is_dir()


def containerd_answers(machine: Machine) -> bool:
    """Tell whether something listens on containerd's socket."""
    return socket_answers(machine.at(CONTAINERD_SOCKET))


def containerd_is_ours(machine: Machine) -> bool:
    """Tell whether our runit supervises containerd."""
    return machine.at(f"{SERVICES_DIR}/containerd/run").exists()


def socket_answers(path: Path) -> bool:
    """Tell whether something listens on a Unix socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_SOCKET_TIMEOUT)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
