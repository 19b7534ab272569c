"""A laptop: a home of its own, in which `faasd cloud` runs as a person starts it."""

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from tests.terraform.cloud import Cloud
from tests.terraform.place import TOP, Place, Ran, make_place


@dataclass(frozen=True, slots=True, kw_only=True)
class Laptop:
    """One.

    Attributes:
        home: where its nodes' directories go.
        place: the directory of the node `edge`, as `faasd cloud` makes it.
    """

    home: Path
    place: Place

    @classmethod
    def with_override(cls, top: Path, cloud: Cloud) -> "Laptop":
        """Make one whose AWS provider is led to `cloud` by a file of overrides, put there first."""
        spare = make_place(top / "spare", {**cloud.environment, "XDG_DATA_HOME": str(top / "home")})
        laptop = cls(home=top / "home", place=replace(spare, top=_nodes(top / "home") / "edge"))
        root = laptop.place.at("aws")
        root.mkdir(parents=True)
        cloud.write_provider(root)
        return laptop

    @property
    def nodes(self) -> Path:
        return _nodes(self.home)

    def ask(self, *arguments: str, answer: str = "") -> Ran:
        """Run `faasd cloud`, and give it an answer if it asks."""
        done = subprocess.run(
            [sys.executable, "-m", "faasd.cli", "cloud", *arguments],
            env={**self.place.environment, "PYTHONPATH": f"{TOP}/distro"},
            input=answer,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
        return Ran(status=done.returncode, said=" ".join(done.stdout.split()))

    def faasd(self, *arguments: str) -> str:
        """Run `faasd cloud`, which must succeed."""
        ran = self.ask(*arguments)
        assert ran.status == 0, f"faasd cloud {' '.join(arguments)}: {ran.said[-2500:]}"
        return ran.said


def _nodes(home: Path) -> Path:
    return home / "faasd" / "cloud"
