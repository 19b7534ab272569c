"""Image archives: what ``docker save`` and skopeo write, told apart and read for their names."""

import gzip
import json
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import InvalidInput, NoRoom

_GZIP = b"\x1f\x8b"
_MAX_JSON = 2**22
_OCI_NAME = "org.opencontainers.image.ref.name"
_CONTAINERD_NAME = "io.containerd.image.name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A tar file of images.

    Attributes:
        names: one for each image, as the archive says them.
        compressed: by gzip.
        references: what skopeo calls each of them, by name.
    """

    path: Path
    transport: str
    compressed: bool
    references: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its images."""
        return tuple(self.references)

    def source(self, name: str) -> str:
        """Return skopeo's name of one image."""
        return f"{self.transport}:{self.path}:{self.references[name]}"


def read_archive(path: Path) -> Archive:
    """Look into an archive, compressed or not.

    Raises:
        InvalidInput: it is none, or its images have no names.
    """
    if ":" in str(path):
        raise InvalidInput(f"the path {path} of an archive must not contain ':'")
    try:
        documents = _documents(path)
    except FileNotFoundError as error:
        raise InvalidInput(f"there is no file {path}") from error
    except tarfile.ReadError as error:
        # What it says is a list of all that was tried.
        raise InvalidInput(
            f"{path} is neither a docker save nor an OCI archive: it is no tar file, or was cut off"
        ) from error
    except (OSError, ValueError, tarfile.TarError, EOFError) as error:
        raise InvalidInput(
            f"{path} is neither a docker save nor an OCI archive: {error}"
        ) from error
    if "index.json" in documents:
        return _named(path, "oci-archive", _oci_names(documents["index.json"]))
    if "manifest.json" in documents:
        return _named(path, "docker-archive", _docker_names(documents["manifest.json"]))
    raise InvalidInput(
        f"{path} is neither a docker save nor an OCI archive: "
        "it has neither manifest.json nor index.json"
    )


def _named(path: Path, transport: str, references: Mapping[str, str]) -> Archive:
    if not references:
        raise InvalidInput(
            f"the images in {path} have no names: save them by name (docker save NAME), "
            f"or with the annotation {_OCI_NAME}"
        )
    return Archive(
        path=path,
        transport=transport,
        compressed=_begins_with(path, _GZIP),
        references=references,
    )


def uncompress(archive: Path, target: Path) -> Path:
    """Write what a gzip file holds to `target`, and return that.

    Raises:
        NoRoom: the disk is full.
    """
    try:
        with gzip.open(archive) as packed, target.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    except OSError as error:
        raise NoRoom(f"cannot uncompress {archive}: {error.strerror}") from error
    return target


def _documents(path: Path) -> Mapping[str, object]:
    """Return the two documents that tell what an archive is; newer Docker writes both."""
    found: dict[str, object] = {}
    with tarfile.open(path, "r:*") as archive:
        for entry in archive:
            name = entry.name.removeprefix("./")
            if name not in ("index.json", "manifest.json") or entry.size > _MAX_JSON:
                continue
            file = archive.extractfile(entry)
            found[name] = json.load(file) if file else None
    return found


def _oci_names(document: object) -> Mapping[str, str]:
    entries = document.get("manifests") if isinstance(document, dict) else None
    names: dict[str, str] = {}
    for entry in entries if isinstance(entries, list) else []:
        notes = entry.get("annotations") if isinstance(entry, dict) else None
        if isinstance(notes, dict) and isinstance(notes.get(_OCI_NAME), str):
            reference = notes[_OCI_NAME]
            names[str(notes.get(_CONTAINERD_NAME) or reference)] = reference
    return names


def _docker_names(document: object) -> Mapping[str, str]:
    tags = [
        tag
        for entry in (document if isinstance(document, list) else [])
        for tag in (entry.get("RepoTags") or [] if isinstance(entry, dict) else [])
    ]
    return {str(tag): str(tag) for tag in tags}


def _begins_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic
