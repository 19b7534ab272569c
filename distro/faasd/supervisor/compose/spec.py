"""A service as the container it becomes."""

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path

from faasd.base.names import CORE_NAMESPACE
from faasd.node.domain.container import ContainerSpec, Mount
from faasd.node.domain.image import Image
from faasd.supervisor.compose.values import CoreService

LABEL_DIGEST = "faasd.digest"
"""Label on a core service's container: a digest of all that it was made from."""

GRACE = 10.0
"""Seconds from SIGTERM to SIGKILL; one that hangs is not waited for longer."""


def to_spec(service: CoreService, directory: Path, image: Image) -> ContainerSpec:
    """Return the container of a service.

    Args:
        service: one of the file's.
        directory: the file's, absolute; mounts are relative to it.
        image: the service's, as the node holds it now; another one makes another container.
    """
    spec = ContainerSpec(
        namespace=CORE_NAMESPACE,
        id=service.name,
        name=service.name,
        image=image.name,
        entrypoint=service.entrypoint,
        command=service.command,
        env=service.environment,
        user=service.user,
        mounts=tuple(_absolute(mount, directory) for mount in service.mounts),
        limits=service.limits,
        capabilities_add=service.cap_add,
        capabilities_drop=service.cap_drop,
        grace=GRACE,
        host_network=service.host_network,
    )
    return replace(spec, labels={LABEL_DIGEST: _digest(spec, image.digest)})


def _absolute(mount: Mount, directory: Path) -> Mount:
    return replace(mount, source=str((directory / mount.source).resolve()))


def _digest(spec: ContainerSpec, image_digest: str) -> str:
    told = json.dumps([asdict(spec), image_digest], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()
