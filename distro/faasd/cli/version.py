"""`faasd version`."""

import platform

import click

from faasd.base.errors import FaasdError
from faasd.base.version import VERSION, find_commit
from faasd.installer.programs import run_program


@click.command()
def version() -> None:
    """Print the versions of faasd and of containerd, and the architecture."""
    print(f"faasd {VERSION}")
    if commit := find_commit():
        print(f"commit {commit}")
    print(_containerd())
    print(f"arch {platform.machine()}")


def _containerd() -> str:
    try:
        words = run_program("containerd", "--version", timeout=10).split()
    except FaasdError:
        return "containerd not installed"
    return f"containerd {words[2]}"
