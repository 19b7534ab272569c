"""The files that every container shares: hosts and resolv.conf.

Running containers have them bind-mounted, so that they are rewritten in place, never replaced.
"""

from collections.abc import Mapping
from pathlib import Path

LOOPBACK = ("127.", "::1")
STUB_TARGET = Path("/run/systemd/resolve/resolv.conf")
"""Where systemd-resolved tells the resolvers behind its stub on 127.0.0.53."""

FALLBACK = ("1.1.1.1", "9.9.9.9")
"""Where a node has loopback resolvers only, and nothing says what is behind them."""

_BASE_HOSTS = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"


def write_hosts(run_dir: str, addresses: Mapping[str, str]) -> Path:
    """Write ``hosts`` with an address for each name; return its path."""
    lines = [f"{address}\t{name}\n" for name, address in sorted(addresses.items())]
    return _write(Path(run_dir, "hosts"), _BASE_HOSTS + "".join(lines))


def write_resolv_conf(run_dir: str, source: Path = Path("/etc/resolv.conf")) -> Path:
    """Write ``resolv.conf`` for containers from the node's own; return its path."""
    text = _read(source)
    if not _usable_servers(text) and STUB_TARGET.exists():
        text = _read(STUB_TARGET)
    return _write(Path(run_dir, "resolv.conf"), reachable_from_containers(text))


def reachable_from_containers(text: str) -> str:
    """Return a resolv.conf(5) whose servers containers can reach: none on loopback."""
    kept = [line for line in text.splitlines() if line.split()[:1] != ["nameserver"]]
    servers = _usable_servers(text) or FALLBACK
    return "\n".join([*(line for line in kept if line.strip()), *map(_server, servers)]) + "\n"


def _usable_servers(text: str) -> tuple[str, ...]:
    fields = [line.split() for line in text.splitlines()]
    servers = [parts[1] for parts in fields if parts[:1] == ["nameserver"] and len(parts) > 1]
    return tuple(server for server in servers if not server.startswith(LOOPBACK))


def _server(address: str) -> str:
    return f"nameserver {address}"


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
    return path
