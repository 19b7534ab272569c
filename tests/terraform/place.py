"""A copy of `cloud-init/` and `terraform/` to run Terraform in, and its providers on disk."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from faasd.cloud.trees import copy_trees

TOP = Path(__file__).parents[2]
FOUND = TOP / ".cache" / "terraform-mirror"
RELEASE = {
    "release_url": "https://releases.example.com/faasd_0.1.0_all.deb",
    "release_sha256": "0123456789abcdef" * 4,
}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeFakeFakeFakeFakeFakeFakeFakeFakeFakeFake me@laptop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a run of Terraform ended."""

    status: int
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A copy of the trees.

    Attributes:
        top: has `cloud-init/` and `terraform/`.
        environment: of every run: the providers' mirror, no call home, no credentials but these.
    """

    top: Path
    environment: Mapping[str, str]

    def at(self, root: str) -> Path:
        return self.top / "terraform" / root

    def terraform(self, root: str, *arguments: str, seconds: float = 300) -> Ran:
        """Run Terraform in a root; its output and errors are one text."""
        done = subprocess.run(
            ["terraform", *arguments],
            cwd=self.at(root),
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=seconds,
            check=False,
        )
        return Ran(status=done.returncode, said=" ".join(done.stdout.replace("│", " ").split()))

    def must(self, root: str, *arguments: str, seconds: float = 300) -> str:
        """Run Terraform and return what it said; an error is a failed test."""
        ran = self.terraform(root, *arguments, seconds=seconds)
        assert ran.status == 0, f"terraform {' '.join(arguments)}: {ran.said[-1500:]}"
        return ran.said

    def init(self, root: str) -> str:
        locked = (self.at(root) / ".terraform.lock.hcl").is_file()
        return self.must(root, "init", "-no-color", *(["-lockfile=readonly"] if locked else []))

    def outputs(self, root: str) -> Mapping[str, str]:
        text = subprocess.run(
            ["terraform", "output", "-json"],
            cwd=self.at(root),
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        outputs = cast("Mapping[str, Mapping[str, str]]", json.loads(text))
        return {name: output["value"] for name, output in outputs.items()}

    def write_variables(self, root: str, variables: Mapping[str, object]) -> None:
        (self.at(root) / "terraform.tfvars.json").write_text(json.dumps(variables))


def make_place(top: Path, environment: Mapping[str, str] | None = None) -> Place:
    """Copy the trees below `top`, and point Terraform at the mirror that `mirror.sh` found."""
    copy_trees(top)
    settings = top / "terraform.rc"
    settings.write_text(
        f'provider_installation {{ filesystem_mirror {{ path = "{find_mirror()}" }} }}\n'
    )
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TF_", "AWS_"))}
    own = {
        "TF_CLI_CONFIG_FILE": str(settings),
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return Place(top=top, environment={**kept, **own, **(environment or {})})


def find_mirror() -> str:
    assert FOUND.is_file(), f"{FOUND} is missing: run tests/terraform/mirror.sh, or ./test.sh"
    return FOUND.read_text().strip()


def flags(variables: Mapping[str, object]) -> Sequence[str]:
    """Return variables as arguments of Terraform."""
    return [
        f"-var={name}={value if isinstance(value, str) else json.dumps(value)}"
        for name, value in variables.items()
    ]
