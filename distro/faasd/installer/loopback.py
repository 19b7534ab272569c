"""Where the router listens with a domain: on this machine only, told by the compose file's `.env`.

The compose file is people's to edit. It takes `ROUTER_BIND` from `.env` beside it, of which one
line is ours.
"""

import stat
from collections.abc import Sequence
from pathlib import Path

from faasd.installer.bridge import find_bridge
from faasd.installer.files import remove_tree, write_file
from faasd.installer.paths import ENVIRONMENT_FILE, Machine

NAME = "ROUTER_BIND"
PORT = 8080


def set_router_bind(machine: Machine, *, is_hidden: bool) -> str:
    """Have the router listen on loopback and bridge only, or where the compose file says."""
    path = machine.at(ENVIRONMENT_FILE)
    text = read_environment(path)
    ours = own_line(machine)
    changed = decide_environment(text, ours, is_hidden=is_hidden)
    if changed == text:
        return f"{ENVIRONMENT_FILE} as it was" if text else "as the compose file says"
    if changed:
        write_environment(path, changed)
    else:
        remove_tree(path)
    return f"{ours} in {ENVIRONMENT_FILE}" if is_hidden else f"as before, {ENVIRONMENT_FILE}"


def read_environment(path: Path) -> str:
    """Return what the file holds; nothing where it is not there."""
    return path.read_text(errors="surrogateescape") if path.exists() else ""


def write_environment(path: Path, text: str) -> None:
    """Write the file, as closed as it was: people keep secrets there."""
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
    write_file(path, text, mode)


def own_line(machine: Machine) -> str:
    """Return the one line that is ours, where a domain is chosen."""
    return f"{NAME}={hidden_bind(machine)}"


def hidden_bind(machine: Machine) -> str:
    """Return the addresses that no other machine reaches; functions come by the bridge's."""
    return f"127.0.0.1:{PORT},{find_bridge(machine).address}:{PORT}"


def decide_environment(text: str, ours: str, *, is_hidden: bool) -> str:
    """Return the file with our line, or without; a line of somebody else's for it stays."""
    lines = text.splitlines()
    if not is_hidden:
        kept = [line for line in lines if line.strip() != ours]
    elif any(_sets(line) for line in lines):
        kept = lines
    else:
        kept = [*lines, ours]
    return "".join(f"{line}\n" for line in kept) if kept != lines else text


def list_public(binds: Sequence[tuple[str, int]], bridge: str) -> Sequence[str]:
    """Return those of the router's addresses that other machines reach."""
    hidden = ("127.", bridge)
    return [f"{address}:{port}" for address, port in binds if not address.startswith(hidden)]


def _sets(line: str) -> bool:
    name = line.strip().removeprefix("export ").partition("=")[0]
    return name.strip() == NAME
