"""The images of core services: on the node, in an archive beside it, or in a registry."""

import json
import logging
import tarfile
from pathlib import Path

from faasd.base.errors import Unsatisfiable
from faasd.base.names import CORE_NAMESPACE
from faasd.node.domain.image import Image
from faasd.node.domain.reference import parse_reference
from faasd.node.workloads.images import Images
from faasd.supervisor.compose.values import CoreService

log = logging.getLogger(__name__)

_LOCAL = "localhost/"


def ensure_image(images: Images, service: CoreService, archives: Path) -> Image:
    """Return the image of a service, brought to the node if it is not there.

    ``localhost/faasd/NAME:latest`` is built on the machine (``distro/core-image``): it is loaded
    from ``NAME.tar`` in `archives`, again when that has another image than the node. Others are
    pulled once.

    Raises:
        InvalidInput: the reference is malformed.
        Unsatisfiable: there is no such image, here or in its registry.
        Unavailable, NoRoom: as in `Images.pull`.
    """
    name = parse_reference(service.image).name
    held = images.find(CORE_NAMESPACE, name)
    if name.startswith(_LOCAL):
        return _from_archive(images, name, held, archives)
    if held is not None:
        return held
    log.info("service %s: pulling %s", service.name, name)
    return images.pull(CORE_NAMESPACE, images.resolve(name))


def _from_archive(images: Images, name: str, held: Image | None, archives: Path) -> Image:
    archive = archives / f"{name.rpartition('/')[2].partition(':')[0]}.tar"
    if archive.is_file() and (held is None or _digest(archive) != held.digest):
        log.info("loading %s", archive)
        images.load(CORE_NAMESPACE, archive)
        held = images.find(CORE_NAMESPACE, name)
    if held is None:
        raise Unsatisfiable(
            f"image {name} is not on this node, nor in {archive}: "
            "build it with distro/core-image/build.sh",
            field="image",
        )
    return held


def _digest(archive: Path) -> str:
    """Return the digest of an OCI archive's first manifest; empty where it has none."""
    try:
        with tarfile.open(archive) as tar:
            index = tar.extractfile("./index.json")
            return str(json.load(index)["manifests"][0]["digest"]) if index else ""
    except (KeyError, IndexError, TypeError, ValueError, OSError, tarfile.TarError):
        return ""
