"""A guest that is a node: made by its first boot, or going on from the disk of one that was."""

import hashlib
import shlex
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.e2e.client import Client, Unreachable
from tests.machine import pages
from tests.vm.host import BUILT, HOST, PORT, find_built
from tests.vm.machine import ADDRESS, SLOW, SSH_OPTIONS, Machine, wait_slowly
from tests.vm.page import read_blocks
from tests.vm.seed import make_key, make_overlay, make_seed

RELEASE = BUILT / "release"
WEB = f"http://{HOST}:{PORT}/release"
"""What https://example.com is for the page's commands."""

_CDROM = "file={},if=virtio,format=raw,readonly=on"
READY, FAILED = "faasd: ready after", "faasd: FAILED while"
FIRST_BOOT = 400.0
"""Seconds that a first boot may take on an unloaded machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What came of the page's commands: what each block printed, and how long the boot took."""

    printed: tuple[str, str]
    login: str
    booted_after: float
    answered_after: float


def new_machine(directory: Path) -> Machine:
    """Return a machine with a disk as clouds give it, and a key; it has no user-data yet."""
    directory.mkdir(parents=True, exist_ok=True)
    built = find_built("machine")
    make_overlay(directory / "disk.qcow2", built / "root.img")
    make_key(directory / "key")
    return Machine(directory=directory, boot=built)


def next_machine(directory: Path, before: Machine) -> Machine:
    """Return a machine that goes on from the disk of one that is off, which stays as it is."""
    directory.mkdir(parents=True, exist_ok=True)
    make_overlay(directory / "disk.qcow2", before.disk)
    for name in ("key", "key.pub", "seed.iso"):
        (directory / name).symlink_to(before.directory / name)
    return Machine(directory=directory, boot=before.boot, options=before.options)


def give(machine: Machine, user_data: str) -> None:
    """Give it user-data for its first boot."""
    seed = make_seed(machine.directory / "seed.iso", user_data)
    machine.options = ("-drive", _CDROM.format(seed))


def follow(machine: Machine, block: int) -> str:
    """Run a block of docs/vps.md as a person does: this machine's addresses and key for theirs."""
    options = ssh_options(machine)
    ours = {
        "https://example.com": WEB,
        "~/.ssh/id_ed25519.pub": str(machine.key.with_suffix(".pub")),
        "ADDRESS": ADDRESS,
        "dist/": f"{RELEASE}/",
        "ssh debian@": f"ssh {options} debian@",
        "scp ": f"scp {options} ",
        ">user-data": f">{machine.directory}/user-data",
    }
    return pages.follow(read_blocks()[block], ours, seconds=200 * SLOW, complain=machine.tail)


def ssh_options(machine: Machine) -> str:
    """Return what ssh(1) is told beside what a page says, as a shell reads it."""
    return shlex.join((*SSH_OPTIONS, "-i", str(machine.key)))


def boot_first(machine: Machine) -> Followed:
    """Follow the page from the user-data to a function that answers."""
    follow(machine, 1)
    give(machine, (machine.directory / "user-data").read_text())
    began = time.monotonic()
    machine.start()
    machine.wait_said((READY, FAILED), FIRST_BOOT)
    booted_after = time.monotonic() - began
    assert READY in machine.console, machine.tail()
    logged_in = follow(machine, 2)
    deployed = follow(machine, 3)
    return Followed(
        printed=(logged_in, deployed),
        login=next(line for line in logged_in.splitlines() if line.startswith("faasd: ")),
        booted_after=booted_after,
        answered_after=time.monotonic() - began,
    )


def password_of(machine: Machine) -> str:
    """Return the password that the node made."""
    return machine.do("cat /var/lib/faasd/secrets/basic-auth-password").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAnswers:
    """What a function's callers got from a node that boots, until the first 200.

    Attributes:
        statuses: of the answers, the 200 included; refused and lost connections are none.
    """

    statuses: tuple[int, ...]
    seconds: float

    @classmethod
    def wait(cls, machine: Machine, name: str, seconds: float) -> Self:
        """Call once a second or so, until the function answers with 200."""
        client, statuses = Client(ADDRESS, 8080), list[int]()

        def answers() -> bool:
            assert machine.is_on(), machine.tail()
            try:
                statuses.append(client.invoke(name).status)
            except Unreachable:
                return False
            return statuses[-1] == 200

        took = wait_slowly(answers, seconds, lambda: f"{name} answers, not {statuses}")
        return cls(statuses=tuple(statuses), seconds=took)


def wait_answers(machine: Machine, name: str, seconds: float) -> float:
    """Wait until a function answers a call from outside with 200; return how long that took."""
    return FirstAnswers.wait(machine, name, seconds).seconds


def is_whole(machine: Machine, password: str) -> bool:
    """Tell whether every part, core service and function of the node is up."""
    try:
        answers = machine.front(password).call("GET", "/system/functions").status == 200
    except Unreachable:
        return False
    return answers and machine.run("faasd status").status == 0


def sha256(path: Path) -> str:
    """Return a file's digest, as sha256sum prints it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
