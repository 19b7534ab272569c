"""What becomes of containers when the machine goes down: each ends, soon, willing or not.

They are in no unit's cgroup, so that systemd asks them last, all at once, and waits 90 s for those
that do not listen. This runs before that, when containerd and our programs have stopped already: it
goes by what the kernel knows of processes.
"""

import os
import re
import select
import signal
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from faasd.base.names import CORE_NAMESPACE
from faasd.installer.paths import RUN_DIR, Machine

GRACE = 30.0
"""Seconds for containers that listen to SIGTERM: what functions have that say nothing else."""

_KILLED = 5.0
"""Seconds for the kernel to take what was killed away."""

_FREEZERS = (
    ("/sys/fs/cgroup{}/cgroup.freeze", "1", "0"),
    ("/sys/fs/cgroup/freezer{}/freezer.state", "FROZEN", "THAWED"),
)
"""Of cgroup version 2 and 1: the file, what it says of a paused container, what wakes it."""

_PLACE = re.compile("[0-9]+:[^:]*:/([^/]+)/([^/]+)")
"""A line of ``/proc/PID/cgroup`` as containers have it: ``/NAMESPACE/CONTAINER``."""

_SIGTERM_BIT = 1 << (signal.SIGTERM - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contained:
    """The first process of a container; the kernel ends the others with it.

    Attributes:
        listens: it has something to do at SIGTERM. Of a first process that has not, the kernel
            drops the signal.
    """

    namespace: str
    container: str
    listens: bool

    @property
    def cgroup(self) -> str:
        """Where it is below each hierarchy."""
        return f"/{self.namespace}/{self.container}"


def end_containers(machine: Machine, grace: float = GRACE) -> str:
    """End all of ours, those that sleep too; say how many there were.

    Who listens is asked first, and has `grace` seconds. Bounded in time, and never an error: what
    is left is systemd's.
    """
    with ExitStack() as held:
        found = {pidfd: one for pidfd, one in _hold_all(held) if is_ours(machine, one)}
        asked = [fd for fd, one in found.items() if one.listens and not _is_frozen(machine, one)]
        _send(asked, signal.SIGTERM)
        _kill(machine, {fd: one for fd, one in found.items() if fd not in asked})
        late = _wait_ended(asked, grace)
        _kill(machine, {fd: found[fd] for fd in late})
        left = _wait_ended(found, _KILLED)
    return (
        f"{len(found)} containers: {len(asked) - len(late)} ended by themselves, {len(left)} left"
    )


def parse_contained(cgroup: str, status: str) -> Contained | None:
    """Read ``/proc/PID/cgroup`` and ``/proc/PID/status``; None for what begins no container."""
    fields = {key: value.split() for key, _, value in map(_split, status.splitlines())}
    numbers = fields.get("NSpid", [])
    places = Counter(
        found.groups() for found in map(_PLACE.fullmatch, cgroup.splitlines()) if found
    )
    if len(numbers) < 2 or numbers[-1] != "1" or not places:  # noqa: PLR2004
        return None
    # Of version 1 there is a line for each controller, and one of version 2 that is another's.
    namespace, container = places.most_common(1)[0][0]
    masks = (int(fields.get(name, ["0"])[0], 16) for name in ("SigCgt", "SigBlk"))
    listens = any(mask & _SIGTERM_BIT for mask in masks)
    return Contained(namespace=namespace, container=container, listens=listens)


def is_ours(machine: Machine, one: Contained) -> bool:
    """Tell whether it is a core service, or has a network that we made."""
    network = machine.at(RUN_DIR) / "netns" / f"{one.namespace}_{one.container}"
    # Unlike Path.exists it takes any name.
    return one.namespace == CORE_NAMESPACE or os.path.exists(network)  # noqa: PTH110


def _split(line: str) -> tuple[str, str, str]:
    return line.partition(":")


def _hold_all(held: ExitStack) -> Iterator[tuple[int, Contained]]:
    """Find first processes, each held by a descriptor: a number may be another's a moment later."""
    for entry in Path("/proc").glob("[0-9]*"):
        with ExitStack() as trial, suppress(OSError):
            pidfd = os.pidfd_open(int(entry.name))
            trial.callback(os.close, pidfd)
            one = parse_contained(_read(entry / "cgroup"), _read(entry / "status"))
            if one is not None:
                held.enter_context(trial.pop_all())
                yield pidfd, one


def _read(file: Path) -> str:
    """Read a file of the kernel's; a process calls itself what it likes, UTF-8 or not."""
    return file.read_text(encoding="utf-8", errors="replace")


def _kill(machine: Machine, found: Mapping[int, Contained]) -> None:
    """Kill first, wake then: what slept does nothing any more."""
    _send(found, signal.SIGKILL)
    for one in found.values():
        for file, _, awake in _freezers(machine, one):
            with suppress(OSError):
                file.write_text(awake)


def _is_frozen(machine: Machine, one: Contained) -> bool:
    for file, asleep, _ in _freezers(machine, one):
        with suppress(OSError):
            if file.read_text().strip() == asleep:
                return True
    return False


def _freezers(machine: Machine, one: Contained) -> Iterator[tuple[Path, str, str]]:
    for path, asleep, awake in _FREEZERS:
        file = machine.at(path.format(one.cgroup))
        if file.exists():
            yield file, asleep, awake


def _send(pidfds: Iterable[int], number: int) -> None:
    for pidfd in pidfds:
        with suppress(OSError):  # Of one that ended, or may not be told: the others are.
            signal.pidfd_send_signal(pidfd, number)


def _wait_ended(pidfds: Iterable[int], seconds: float) -> Sequence[int]:
    """Wait until the processes have ended; return those that have not."""
    poll, left, end = select.poll(), set(pidfds), time.monotonic() + seconds
    for pidfd in left:
        poll.register(pidfd, select.POLLIN)
    while left and (remaining := end - time.monotonic()) > 0:
        for pidfd, _ in poll.poll(remaining * 1000):
            poll.unregister(pidfd)
            left.discard(pidfd)
    return sorted(left)
