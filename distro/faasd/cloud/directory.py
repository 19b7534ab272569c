"""What a node in a cloud is known by on the laptop: a directory with its Terraform."""

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from faasd.base.errors import InvalidInput, NotFound
from faasd.cloud.trees import copy_trees

CLOUDS = ("aws", "digitalocean")
_SETTINGS = "faasd.auto.tfvars.json"
_PROVIDER = "faasd_provider.tf"
_NAME = re.compile(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?")
_REGION = re.compile(r"[a-z0-9-]{2,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """One node's: a copy of `cloud-init/` and `terraform/`, its settings and Terraform's state.

    Attributes:
        path: holds secrets, so nobody else may enter it.
        cloud: one of CLOUDS.
    """

    path: Path
    name: str
    cloud: str

    @property
    def root(self) -> Path:
        """Where Terraform runs."""
        return self.path / "terraform" / self.cloud

    def prepare(self, settings: Mapping[str, object], region: str) -> None:
        """Bring the copies up to date, and add the settings to those of last time.

        Args:
            settings: Terraform's variables by name.
            region: AWS's; empty: as before, or as AWS's own configuration says.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy_trees(self.path)
        (self.path / "cloud").write_text(self.cloud)
        merged = {**self.settings(), **settings, "name": self.name}
        _write_private(self.root / _SETTINGS, json.dumps(merged, indent=2))
        if self.cloud == "aws" and region:
            if not _REGION.fullmatch(region):
                raise InvalidInput(f"{region!r} is no region of AWS; try eu-central-1")
            (self.path / "region").write_text(region)
            (self.root / _PROVIDER).write_text(f'provider "aws" {{\n  region = "{region}"\n}}\n')

    def settings(self) -> Mapping[str, object]:
        """Return the settings of last time."""
        try:
            text = (self.root / _SETTINGS).read_text()
        except FileNotFoundError:
            return {}
        return cast("Mapping[str, object]", json.loads(text))

    def region(self) -> str:
        """Return AWS's region of last time; empty where none was given."""
        return _read_word(self.path / "region")

    def remove(self) -> None:
        """Forget the node; what it had in the cloud must be gone."""
        shutil.rmtree(self.path)


def new_directory(name: str, cloud: str) -> Directory:
    """Return the directory of a node, which need not be there yet.

    Raises:
        InvalidInput: the name is malformed, or another cloud has a node of that name.
    """
    _check_name(name)
    path = nodes_directory() / name
    had = _cloud_of(path)
    if had not in ("", cloud):
        raise InvalidInput(f"node {name} is at {had}: take another --name for {cloud}")
    return Directory(path=path, name=name, cloud=cloud)


def get_directory(name: str) -> Directory:
    """Return the directory of a node that was made.

    Raises:
        NotFound: there is none.
    """
    _check_name(name)
    path = nodes_directory() / name
    cloud = _cloud_of(path)
    if cloud not in CLOUDS:
        known = ", ".join(list_nodes()) or "none"
        raise NotFound(f"no node {name} was made from here; there are: {known}")
    return Directory(path=path, name=name, cloud=cloud)


def list_nodes() -> list[str]:
    """Return the names of all nodes that were made from here."""
    top = nodes_directory()
    return sorted(one.name for one in top.iterdir() if _cloud_of(one)) if top.is_dir() else []


def nodes_directory() -> Path:
    """Return where all nodes' directories are, by the XDG base directory specification."""
    top = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(top).expanduser() / "faasd" / "cloud"


def _cloud_of(path: Path) -> str:
    return _read_word(path / "cloud")


def _read_word(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"{name!r} is no name of a node: a letter first, then lower-case letters, digits and "
            "dashes, at most 40"
        )


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text)
