"""A minimal Debian with no network at all, and the folder that makes it a node."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
CACHE = REPOSITORY / ".cache"
ENTER = REPOSITORY / "tests/fresh/enter"
MAKE = REPOSITORY / "distro/offline/make.sh"
LEAST_MEMORY = re.compile(r"^least_memory=(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Ended:
    """How a program ended, and all it printed."""

    status: int
    text: str


def run(*command: str, seconds: float = 300, **env: str) -> Ended:
    """Run a program to its end."""
    ended = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
        env=os.environ | env,
        cwd=REPOSITORY,
    )
    return Ended(ended.returncode, ended.stdout)


def checked(*command: str, seconds: float = 300, **env: str) -> str:
    """Run a program that must not fail; return what it printed."""
    ended = run(*command, seconds=seconds, **env)
    assert ended.status == 0, f"{command}: {ended.text[-6000:]}"
    return ended.text


def make_root(directory: Path) -> Path:
    """Make a minimal Debian, as mmdebstrap does; kept between runs as an archive."""
    archive = CACHE / "minbase.tar"
    if not archive.is_file():
        CACHE.mkdir(exist_ok=True)
        new = archive.with_suffix(".new.tar")
        checked("mmdebstrap", "--quiet", "--variant=minbase", "bookworm", str(new))
        new.rename(archive)
    directory.mkdir()
    checked("tar", "-C", str(directory), "-xf", str(archive))
    return directory


def inside(root: Path, script: str, seconds: float = 300) -> Ended:
    """Run a shell's script in it, alone."""
    (root / "script.sh").write_text(script)
    return run(str(ENTER), str(root), "bash", "/script.sh", seconds=seconds, FRESH_ALONE="1")


def least_memory() -> int:
    """Return the kB of memory that install.sh asks for."""
    found = LEAST_MEMORY.search((REPOSITORY / "install.sh").read_text())
    assert found
    return int(found[1])
