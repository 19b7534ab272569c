"""Reads who is routed where from the files that HAProxy starts from, as HAProxy does."""

import re
from collections.abc import Mapping
from pathlib import Path

_BACKEND = re.compile(r"^backend (\S+) from function")
_SERVER = re.compile(r"^  server (?!activator)\S+ ([0-9.]+):8080$")


def read_routed(directory: Path) -> Mapping[str, frozenset[str]]:
    """Return the addresses of each function that has some, by its name without the namespace."""
    entries = _lines(directory / "functions.map")
    backends = {line.split()[1]: line.split()[0].partition(".")[0] for line in entries}
    routed: dict[str, set[str]] = {}
    current = ""
    for line in _lines(directory / "haproxy.cfg"):
        if begun := _BACKEND.match(line):
            current = begun[1]
        elif (server := _SERVER.match(line)) and current in backends:
            routed.setdefault(backends[current], set()).add(server[1])
    return {name: frozenset(addresses) for name, addresses in routed.items()}


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []
