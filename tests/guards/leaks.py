"""Sees what a test leaves behind."""

import os
import threading
import time
from pathlib import Path

GRACE = 5.0
"""Seconds that what a test ended has to be gone."""

SHARED_PROCESSES = {"containerd", "containerd-shim"}
"""A test may restart containerd; the fixture that started the first one ends the last. A shim whose
containerd was killed while it let go of the last container stays, empty, until a container of its
group comes: containerd finds it by the group's name and uses it again."""

NODE_PROGRAMS = (b"provider_app.wsgi", b"faasd")
"""In the arguments of the node's own programs, which are started again, too."""

SHARED_LINKS = {"lo", "openfaas0"}
SHARED_MOUNTS = {"/run/faasd/netns"}
"""The bridge, and what network namespaces are mounted in, are the node's, not a test's."""


class Leftovers:
    """Looks at this process and, in a sandbox, at the whole machine."""

    @staticmethod
    def now() -> frozenset[str]:
        """Return one word for each thread, process, mount and network interface there is."""
        return frozenset(_threads() | _processes() | _mounts() | _links())

    @staticmethod
    def wait_for_none_since(before: frozenset[str]) -> list[str]:
        """Return what is there and was not `before`, once there is none or `GRACE` is over."""
        until = time.monotonic() + GRACE
        while left := Leftovers.now() - before:
            if time.monotonic() > until:
                break
            time.sleep(0.01)
        return sorted(left)


def _threads() -> set[str]:
    return {f"thread {thread.name}" for thread in threading.enumerate()}


def _processes() -> set[str]:
    own = os.getpid()
    everything = "FAASD_SANDBOX" in os.environ
    return {
        f"process {pid} ({name})"
        for pid, parent, name, state in _stats()
        if state != "Z"
        and pid != own
        and not _is_shared(pid, name)
        and (everything or parent == own)
    }


def _is_shared(pid: int, name: str) -> bool:
    if name in SHARED_PROCESSES:
        return True
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return name.startswith("python") and any(word in arguments for word in NODE_PROGRAMS)


def _stats() -> list[tuple[int, int, str, str]]:
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            text = (entry / "stat").read_text()
        except OSError:
            continue
        name, rest = text[text.index("(") + 1 :].rsplit(")", 1)
        state, parent = rest.split()[:2]
        found.append((int(entry.name), int(parent), name, state))
    return found


def _mounts() -> set[str]:
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return {f"mount {point}" for line in lines if (point := line.split()[4]) not in SHARED_MOUNTS}


def _links() -> set[str]:
    names = {link.name for link in Path("/sys/class/net").iterdir()}
    return {f"network interface {name}" for name in names - SHARED_LINKS}
