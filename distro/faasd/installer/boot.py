"""What a boot takes away and `faasd up` makes again: the run directory and the files in it."""

from faasd.installer.files import make_directory
from faasd.installer.paths import RUN_DIR, Machine
from faasd.node.adapters.filesystem.resolver import write_hosts, write_resolv_conf

CORE_SERVICES = ("gateway", "nats", "prometheus", "faasd-provider")
"""Names that functions and core services reach the node by."""


def prepare_run_directory(machine: Machine) -> None:
    """Make ``/run/faasd``; what is below it, its users make."""
    make_directory(machine.at(RUN_DIR), 0o755)


def write_name_files(machine: Machine, address: str) -> None:
    """Write containers' hosts and resolv.conf; `address` is the node's on the bridge."""
    run_dir = str(machine.at(RUN_DIR))
    write_hosts(run_dir, dict.fromkeys(CORE_SERVICES, address))
    write_resolv_conf(run_dir, machine.at("/etc/resolv.conf"))
