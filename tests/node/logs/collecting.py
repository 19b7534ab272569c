"""The collector as the process it is on a node."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from faasd.collector import CollectorSettings, command

REPOSITORY = Path(__file__).parents[3]
PYTHON = "/usr/bin/python3"


@contextmanager
def collecting(settings: CollectorSettings) -> Iterator[subprocess.Popen[bytes]]:
    """Run it; end it by SIGTERM, which it answers with status 0."""
    process = start(settings)
    try:
        yield process
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait(10)


def start(settings: CollectorSettings) -> subprocess.Popen[bytes]:
    return subprocess.Popen([PYTHON, *command(settings)[1:]], env=environment())


def environment() -> Mapping[str, str]:
    return os.environ | {"PYTHONPATH": f"{REPOSITORY}/distro:{REPOSITORY}"}


def records(settings: CollectorSettings, name: str) -> list[dict[str, str]]:
    """Return what the files keep of a function, oldest first."""
    directory = Path(settings.log_dir, "openfaas-fn")
    files = [directory / f"{name}.log{end}" for end in (".2", ".1", "")]
    lines = [line for file in files if file.exists() for line in file.read_text().splitlines()]
    return [json.loads(line) for line in lines]


def texts(settings: CollectorSettings, name: str) -> list[str]:
    return [record["text"] for record in records(settings, name)]


def resident(pid: int) -> int:
    """Return kB of memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])
