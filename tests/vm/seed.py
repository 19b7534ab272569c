"""The user-data of a guest, on a disk as clouds give it (NoCloud)."""

import subprocess
from pathlib import Path

_META = "instance-id: {name}\nlocal-hostname: {name}\n"


def make_seed(target: Path, user_data: str, name: str = "node") -> Path:
    """Write the disk image `target`; a guest that has not seen `name` has its first boot by it."""
    directory = target.with_suffix(".d")
    directory.mkdir()
    (directory / "user-data").write_text(user_data)
    (directory / "meta-data").write_text(_META.format(name=name))
    command = ["genisoimage", "-quiet", "-volid", "cidata", "-joliet", "-rock", "-output"]
    subprocess.run(
        [*command, str(target), str(directory)], check=True, capture_output=True, timeout=60
    )
    return target


def make_overlay(target: Path, base: Path) -> None:
    """Make a disk that begins as `base` and leaves it as it is."""
    kind = "raw" if base.suffix == ".img" else "qcow2"
    command = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(base), "-F", kind, str(target)]
    subprocess.run(command, check=True, timeout=60)


def make_key(target: Path) -> str:
    """Make an SSH key without a passphrase; return its public half."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(target)]
    subprocess.run(command, check=True, timeout=60)
    return target.with_suffix(".pub").read_text().strip()
