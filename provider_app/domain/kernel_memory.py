"""The kernel's texts about memory, as numbers: pure.

Sources: the kernel's Documentation/accounting/psi.rst and Documentation/filesystems/proc.rst.
"""

import re

_SOME = re.compile(r"^some .*\btotal=(\d+)$", re.MULTILINE)
_MEMINFO = re.compile(r"^(MemTotal|MemAvailable): +(\d+) kB$", re.MULTILINE)


def parse_stalls(text: str) -> float | None:
    """Return the seconds in all in which some task waited, of a PSI file; None of any other."""
    found = _SOME.search(text)
    return int(found[1]) / 1e6 if found else None


def parse_available(text: str) -> float | None:
    """Return the share of memory that is available, of ``/proc/meminfo``; None of any other."""
    found = {name: int(size) for name, size in _MEMINFO.findall(text)}
    total, available = found.get("MemTotal", 0), found.get("MemAvailable")
    return available / total if total and available is not None else None
