"""Packer, run in a copy of what it reads, with a release that was built before."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).parents[2]
BUILT = TOP / ".cache/images"
"""Where `tests/images/build.sh` puts what it makes."""

SOURCES = ("qemu", "amazon-ebs", "digitalocean")
GOOD = {
    "release": str(BUILT / "release"),
    "qemu_base": "/dev/null",
    "qemu_base_checksum": f"sha256:{'0' * 64}",
    "do_token": "testing",
}
"""Variables that all sources accept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a run of Packer ended; what it said is one line."""

    status: int
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A copy of `packer/`, and the only environment that runs there see."""

    top: Path
    environment: Mapping[str, str]

    def build(self, *arguments: str, seconds: float = 60) -> Ran:
        """Run packer/build.sh; its output and errors are one text."""
        done = subprocess.run(
            ["packer/build.sh", *arguments],
            cwd=self.top,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
        return Ran(status=done.returncode, said=" ".join(done.stdout.split()))

    def start(self, log: Path, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start packer/build.sh; what it says goes to a file."""
        with log.open("wb") as said:
            return subprocess.Popen(
                ["packer/build.sh", *arguments],
                cwd=self.top,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )

    def check(self, source: str, **variables: str) -> Ran:
        """Have Packer validate a source with these variables instead of the good ones."""
        return self.build(source, "--check", *flags({**GOOD, **variables}))


def make_place(top: Path, environment: Mapping[str, str] | None = None) -> Place:
    """Copy `packer/` below `top`; Packer keeps there what it keeps."""
    assert (BUILT / "release/SHA256SUMS").is_file(), "tests/images/build.sh makes the release"
    shutil.copytree(TOP / "packer", top / "packer")
    own = {
        "PATH": os.environ["PATH"],
        "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
        "HOME": str(top),
        "PACKER_CONFIG_DIR": str(top),
        "PACKER_CACHE_DIR": str(top / "cache"),
        "LC_ALL": "C.UTF-8",
    }
    return Place(top=top, environment={**own, **(environment or {})})


def flags(variables: Mapping[str, str]) -> list[str]:
    """Return variables as arguments of Packer."""
    return [word for name, value in variables.items() for word in ("-var", f"{name}={value}")]
