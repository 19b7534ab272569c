"""The service manager of this machine."""

from faasd.installer.paths import Machine
from faasd.installer.services.manager import (
    Manager,
    ServiceManager,
    decide_manager,
    systemd_runs,
)
from faasd.installer.services.runit import Runit
from faasd.installer.services.systemd import Systemd


def service_manager(machine: Machine) -> ServiceManager:
    """Return the one that runs services here."""
    if decide_manager(systemd_runs=systemd_runs(machine)) is Manager.SYSTEMD:
        return Systemd()
    return Runit(machine)
