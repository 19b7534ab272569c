"""The node that docs/vps.md makes: followed once, kept as it runs, for all other tests."""

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.machine.pages import TREE
from tests.vm.host import BUILT, find_built, find_release
from tests.vm.machine import Machine, wait_slowly
from tests.vm.node import (
    Followed,
    boot_first,
    is_whole,
    new_machine,
    next_machine,
    password_of,
)

_STATE = """
cloud-init status --long || true
systemctl is-system-running || systemctl --failed --no-legend
cat /etc/motd
"""
_FILES = ("disk.qcow2", "memory", "key", "key.pub", "seed.iso", "console")
_INPUTS = (
    *("cloud-init/cloud-config.tftpl", "docs/vps.md"),
    *("tests/vm/machine.py", "tests/vm/node.py", "tests/vm/seed.py"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A node that was made by docs/vps.md: others go on from its disk, and from its memory.

    Attributes:
        state: what cloud-init, systemd and the login message say of it.
    """

    machine: Machine
    followed: Followed
    password: str
    state: str

    def resume(self, directory: Path) -> Machine:
        """Return a machine that goes on where this one was kept."""
        made = next_machine(directory, self.machine)
        made.resume(self.machine.directory / "memory")
        return made


def install(directory: Path) -> Installed:
    """Follow the page, and keep disk and memory."""
    machine = new_machine(directory)
    try:
        followed = boot_first(machine)
        made = Installed(
            machine=machine,
            followed=followed,
            password=password_of(machine),
            state=machine.do(_STATE),
        )
        wait_slowly(lambda: is_whole(machine, made.password), 60, machine.tail)
        machine.do("sync")
        machine.freeze(directory / "memory")
    finally:
        machine.cut_power()
    _keep(made)
    return made


def find_kept() -> Installed | None:
    """Return the node that an earlier run made of the same inputs."""
    kept = _place()
    return _read(kept) if kept.is_dir() else None


def wait_kept(seconds: float) -> Installed:
    """Wait until another run has made it."""
    kept = _place()
    wait_slowly(kept.is_dir, seconds, lambda: f"{kept}, by tests/vm/test_first_boot.py")
    return _read(kept)


def _read(kept: Path) -> Installed:
    said = json.loads((kept / "about.json").read_text())
    options = tuple(one.replace("DIRECTORY", str(kept)) for one in said["options"])
    machine = Machine(directory=kept, boot=find_built("machine"), options=options)
    followed = Followed(**said["followed"] | {"printed": tuple(said["followed"]["printed"])})
    return Installed(
        machine=machine, followed=followed, password=said["password"], state=said["state"]
    )


def _keep(made: Installed) -> None:
    for old in BUILT.glob("installed-*"):
        shutil.rmtree(old)
    new = BUILT / f"installed-new-{os.getpid()}"
    new.mkdir()
    for name in _FILES:
        shutil.copy2(made.machine.directory / name, new / name)
    directory = str(made.machine.directory)
    options = [one.replace(directory, "DIRECTORY") for one in made.machine.options]
    about = {
        "followed": asdict(made.followed),
        "password": made.password,
        "state": made.state,
        "options": options,
    }
    (new / "about.json").write_text(json.dumps(about))
    new.rename(_place())


def _place() -> Path:
    digest = hashlib.sha256(str(find_built("machine")).encode())
    inputs = [TREE / name for name in _INPUTS]
    for path in (find_release(), BUILT / "release/images.tar", *inputs):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return BUILT / f"installed-{digest.hexdigest()[:16]}"
