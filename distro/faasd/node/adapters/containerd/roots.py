"""Port `Roots`: writable snapshots named by their containers."""

from collections.abc import Sequence
from datetime import timedelta

from faasd.base.errors import AlreadyExists, NotFound, Unsatisfiable
from faasd.node.adapters.containerd import passwd
from faasd.node.adapters.containerd.channel import Scope
from faasd.node.adapters.containerd.leases import Leases
from faasd.node.adapters.containerd.rootfs import read_file
from faasd.node.adapters.containerd.snapshots import Mounts, Snapshots
from faasd.node.domain.blueprint import ContainerUser
from faasd.node.domain.image import Image

LIFETIME = timedelta(minutes=15)
"""How long a root whose container was never stored stays."""

_LABEL = "faasd.root"


def lease_of(container: str) -> str:
    """Return the name of the lease that protects a container's root until its record does."""
    return f"faasd-root-{container}"


class ContainerdRoots:
    """Roots of containers."""

    def __init__(self, snapshots: Snapshots, leases: Leases) -> None:
        self._snapshots = snapshots
        self._leases = leases
        self._mounts: dict[tuple[str, str], Mounts] = {}

    def prepare(self, namespace: str, container: str, image: Image) -> None:
        """Make a fresh root on the image's layers."""
        scope = self._leases.open(namespace, lease_of(container), LIFETIME)
        labels = {_LABEL: container}
        try:
            try:
                mounts = self._snapshots.prepare(scope, container, image.chain_id, labels)
            except AlreadyExists:
                self._snapshots.remove(scope, container)
                mounts = self._snapshots.prepare(scope, container, image.chain_id, labels)
        except NotFound as error:
            raise Unsatisfiable(
                f"the layers of image {image.name} are gone: pull it again", field="image"
            ) from error
        self._mounts[namespace, container] = mounts

    def mounts(self, namespace: str, container: str) -> Mounts:
        """Return how to mount the root; containerd is asked only where it is not known yet.

        Raises:
            NotFound: there is no root.
        """
        key = (namespace, container)
        if key not in self._mounts:
            self._mounts[key] = self._snapshots.mounts(Scope(namespace=namespace), container)
        return self._mounts[key]

    def resolve_user(self, namespace: str, container: str, user: str) -> ContainerUser:
        """Look the user up in the root's own passwd and group files."""
        mounts = self.mounts(namespace, container)
        return passwd.resolve(
            user,
            passwd_file=read_file(mounts, "etc/passwd"),
            group_file=read_file(mounts, "etc/group"),
        )

    def remove(self, namespace: str, container: str) -> None:
        """Remove the root and its lease."""
        self._mounts.pop((namespace, container), None)
        self._snapshots.remove(Scope(namespace=namespace), container)
        self._leases.close(namespace, lease_of(container))

    def list(self, namespace: str) -> Sequence[str]:
        """Return the containers that have a root."""
        return self._snapshots.list_writable(Scope(namespace=namespace), _LABEL)
