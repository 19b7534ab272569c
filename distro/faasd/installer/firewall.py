"""The machine's own firewall: nftables rules in a table of our own."""

import re
from collections.abc import Sequence
from contextlib import suppress
from string import Template

from faasd.base.errors import TimedOut, Unavailable
from faasd.installer.assets import read_asset
from faasd.installer.bridge import find_bridge
from faasd.installer.choices import Choices
from faasd.installer.files import is_edited, remove_tree, write_config, write_file
from faasd.installer.paths import FIREWALL_CONFIG, FIREWALL_DROP_IN, FIREWALL_UNIT, Machine
from faasd.installer.programs import run_program, try_program
from faasd.installer.services.manager import systemd_runs

TABLE = "faasd_host"
UNIT = "faasd-firewall.service"

SSH = 22
_SSH_SERVER = re.compile(r'\("(sshd|dropbear)",')
_LOOPBACK = ("127.", "[::1]")
WEB = (("tcp", 80), ("tcp", 443), ("udp", 443))
_NAMES = (("tcp", 53), ("udp", 53))
_PROVIDER = (("tcp", 8081),)
_METRICS = (("tcp", 8082), ("tcp", 8405))
"""Gateway's and router's; Prometheus, on the same bridge as functions, asks for them."""

Ports = Sequence[tuple[str, int]]


def set_up_firewall(machine: Machine, choices: Choices, front_doors: Sequence[int]) -> str:
    """Write the rules and what raises them at a boot, or take both away.

    `front_doors` are the ports at which the router listens.
    """
    if not choices.has_firewall:
        return take_firewall_down(machine)
    ssh = find_ssh_ports()
    rules = render_firewall(choices, front_doors, ssh, find_bridge(machine).name)
    said = write_config(machine, FIREWALL_CONFIG, rules)
    if systemd_runs(machine):
        write_config(machine, FIREWALL_UNIT, read_asset(f"units/{UNIT}"))
        write_file(machine.at(FIREWALL_DROP_IN), read_asset("units/nftables.conf"), 0o644)
        run_program("systemctl", "daemon-reload")
        run_program("systemctl", "enable", "--quiet", UNIT)
    if is_edited(machine, FIREWALL_CONFIG):
        return said
    return f"{said}; open: {_said(_open_ports(choices, front_doors, ssh))}"


def raise_firewall(machine: Machine) -> str:
    """Put the rules in force, where there are any.

    Raises:
        Unavailable: nft refused them; the rules before are still in force.
    """
    if not machine.at(FIREWALL_CONFIG).exists():
        return "none"
    if systemd_runs(machine) and machine.at(FIREWALL_UNIT).exists():
        run_program("systemctl", "reload-or-restart", UNIT)
    else:
        run_program("nft", "-f", str(machine.at(FIREWALL_CONFIG)))
    return "raised"


def take_firewall_down(machine: Machine) -> str:
    """Remove rules, table and unit at once; rules that were edited stay as a file, unused."""
    if machine.at(FIREWALL_UNIT).exists():
        take_drop_in_away(machine)
        try_program("systemctl", "disable", "--now", "--quiet", UNIT)
        remove_tree(machine.at(FIREWALL_UNIT))
        try_program("systemctl", "daemon-reload")
    if not machine.at(FIREWALL_CONFIG).exists():
        return "none"
    try_program("nft", f"add table inet {TABLE}; delete table inet {TABLE}")
    if is_edited(machine, FIREWALL_CONFIG):
        kept = machine.at(FIREWALL_CONFIG).rename(machine.at(f"{FIREWALL_CONFIG}.yours"))
        return f"taken down; your rules are kept as /etc/faasd/{kept.name}"
    remove_tree(machine.at(FIREWALL_CONFIG))
    return "taken down"


def take_drop_in_away(machine: Machine) -> None:
    """Leave Debian's unit as it was; its directory stays where somebody else has files in it."""
    drop_in = machine.at(FIREWALL_DROP_IN)
    drop_in.unlink(missing_ok=True)
    with suppress(OSError):
        drop_in.parent.rmdir()


def render_firewall(
    choices: Choices, front_doors: Sequence[int], ssh: Sequence[int], bridge: str
) -> str:
    """Return the nft script, which replaces the table in one transaction."""
    front = (*_tcp(front_doors), *_front_ports(choices, front_doors))
    functions = (*_NAMES, *front, *_PROVIDER, *_METRICS, *choices.ports)
    return Template(read_asset("firewall.nft")).substitute(
        open=_elements(_open_ports(choices, front_doors, ssh)),
        functions=_elements(functions),
        bridge=bridge,
    )


def find_ssh_ports() -> Sequence[int]:
    """Return where SSH listens, and where it will as it is configured; 22 where nobody knows."""
    activation = _try("systemctl", "show", "--property=ActiveState,Listen", "ssh.socket")
    return parse_ssh_ports(_try("ss", "-Hltnp"), _try("sshd", "-T"), activation) or (SSH,)


def parse_ssh_ports(listening: str, configured: str, activation: str = "") -> Sequence[int]:
    """Return the ports in what three programs print.

    Args:
        listening: ``ss -Hltnp``.
        configured: ``sshd -T``.
        activation: ``systemctl show`` of the socket by which systemd may start sshd.
    """
    lines = [line for line in listening.splitlines() if _SSH_SERVER.search(line)]
    addresses = [line.split()[3] for line in lines]
    addresses += re.findall(r"(?m)^listenaddress (\S+:\d+)$", configured)
    if "ActiveState=active" in activation.splitlines():
        addresses += re.findall(r"(?m)^Listen=(\S+:\d+) \(Stream\)$", activation)
    # On loopback are what people forward by it, and X11; nobody comes in there.
    found = [one.rpartition(":")[2] for one in addresses if not one.startswith(_LOOPBACK)]
    found += re.findall(r"(?m)^port (\d+)$", configured)
    return sorted({int(port) for port in found})


def _open_ports(choices: Choices, front_doors: Sequence[int], ssh: Sequence[int]) -> Ports:
    return (*_tcp(ssh), *_front_ports(choices, front_doors), *choices.ports)


def _front_ports(choices: Choices, front_doors: Sequence[int]) -> Ports:
    return WEB if choices.domain else _tcp(front_doors)


def _tcp(numbers: Sequence[int]) -> Ports:
    return [("tcp", number) for number in numbers]


def _elements(ports: Ports) -> str:
    return ", ".join(f"{kind} . {port}" for kind, port in sorted(set(ports), key=_order))


def _said(ports: Ports) -> str:
    return ", ".join(f"{port}/{kind}" for kind, port in sorted(set(ports), key=_order))


def _order(port: tuple[str, int]) -> tuple[int, str]:
    return port[1], port[0]


def _try(*command: str) -> str:
    try:
        return run_program(*command, timeout=10)
    except (Unavailable, TimedOut):
        return ""
