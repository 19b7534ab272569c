"""What a boot takes away and `faasd up` makes again: the run directory and the files in it."""

import ipaddress
from collections.abc import Sequence
from pathlib import Path

from faasd.installer.files import make_directory, write_file
from faasd.installer.paths import RUN_DIR, Machine

RUN_DIRECTORY_MODES = {RUN_DIR: 0o755, f"{RUN_DIR}/replicas": 0o711, f"{RUN_DIR}/logs": 0o700}
CORE_SERVICES = ("gateway", "nats", "prometheus", "faasd-provider")
"""Names that functions and core services reach the node by."""

FALLBACK_RESOLVERS = ("1.1.1.1", "8.8.8.8")
"""Where the node itself resolves only through a program on its own loopback that names no other."""

_RESOLVED_UPSTREAM = "/run/systemd/resolve/resolv.conf"


def prepare_run_directory(machine: Machine) -> None:
    """Make what programs expect below ``/run/faasd``."""
    for path, mode in RUN_DIRECTORY_MODES.items():
        make_directory(machine.at(path), mode)


def write_name_files(machine: Machine, address: str) -> None:
    """Write the hosts and resolv.conf files of containers; `address` is the node's on the bridge.

    They are rewritten in place: containers see them through bind mounts.
    """
    _rewrite(machine.at(f"{RUN_DIR}/hosts"), render_hosts(address))
    texts = [_read(machine.at("/etc/resolv.conf")), _read(machine.at(_RESOLVED_UPSTREAM))]
    _rewrite(machine.at(f"{RUN_DIR}/resolv.conf"), render_resolv_conf(texts))


def render_hosts(address: str) -> str:
    """Return the hosts file of containers."""
    return f"127.0.0.1\tlocalhost\n::1\tlocalhost\n{address}\t{' '.join(CORE_SERVICES)}\n"


def render_resolv_conf(texts: Sequence[str]) -> str:
    """Return a resolv.conf with the first text's options and search list.

    Its resolvers are those of the first text that has any a container can reach.
    """
    kept = [line for line in texts[0].splitlines() if line.split()[:1] in (["search"], ["options"])]
    candidates = (_reachable_resolvers(text) for text in texts)
    resolvers = next((found for found in candidates if found), FALLBACK_RESOLVERS)
    return "\n".join([*(f"nameserver {resolver}" for resolver in resolvers), *kept]) + "\n"


def _reachable_resolvers(text: str) -> Sequence[str]:
    words = [line.split() for line in text.splitlines()]
    named = [word[1] for word in words if len(word) > 1 and word[0] == "nameserver"]
    return [address for address in named if _is_reachable(address)]


def _is_reachable(address: str) -> bool:
    """Containers have IPv4 only, and a loopback of their own."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return parsed.version == 4 and not parsed.is_loopback and not parsed.is_unspecified  # noqa: PLR2004


def _rewrite(path: Path, text: str) -> None:
    if not path.exists():
        write_file(path, text, 0o644)
    elif path.read_text() != text:
        path.write_text(text)


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
