"""Directories of the node that services mount."""

import logging
import os
from pathlib import Path

from faasd.base.errors import Unsatisfiable
from faasd.node.domain.container import ContainerSpec, Mount

log = logging.getLogger(__name__)


def make_sources(spec: ContainerSpec) -> None:
    """Make the directories that a container mounts and that are missing, owned by its user.

    A source with a suffix (``prometheus.yml``) is a file: where it is missing, a directory in its
    place would only hide that.

    Raises:
        Unsatisfiable: such a file is missing, or a directory cannot be made.
    """
    for mount in spec.mounts:
        source = Path(mount.source)
        if not source.exists():
            _make(source, mount, spec)


def _make(source: Path, mount: Mount, spec: ContainerSpec) -> None:
    if source.suffix:
        raise Unsatisfiable(
            f"service {spec.name}: volumes: {source}, to be mounted at {mount.target}, is missing",
            field="volumes",
        )
    uid, gid = _owner(spec.user)
    try:
        source.mkdir(mode=0o750, parents=True)
        os.chown(source, uid, gid)
    except OSError as error:
        raise Unsatisfiable(
            f"service {spec.name}: volumes: cannot make {source}: {error.strerror}",
            field="volumes",
        ) from error
    log.info("service %s: made %s", spec.name, source)


def _owner(user: str) -> tuple[int, int]:
    """Return the ids of ``uid[:gid]``; a name, known to the image only, stays as it is."""
    uid, _, gid = user.partition(":")
    if not uid.isdecimal():
        return -1, -1
    return int(uid), int(gid) if gid.isdecimal() else int(uid)
