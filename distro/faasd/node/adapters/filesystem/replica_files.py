"""Port `ReplicaFiles`: secrets for one container's user, hosts and resolv.conf for all."""

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from faasd.base.errors import NoRoom, Unavailable, Unsatisfiable
from faasd.node.adapters.filesystem.resolver import write_hosts, write_resolv_conf
from faasd.node.domain.blueprint import ContainerUser
from faasd.node.domain.container import ContainerSpec, Mount, SecretFile

SECRETS = "/var/openfaas/secrets"
"""Where functions find them."""


class FilesystemReplicaFiles:
    """Directories ``RUN/replicas/NAMESPACE/CONTAINER``, on memory: a reboot takes them."""

    def __init__(self, run_dir: str) -> None:
        self._run = run_dir
        self._replicas = Path(run_dir, "replicas")
        self._writing = Lock()

    def prepare(self, spec: ContainerSpec, user: ContainerUser) -> tuple[Mount, ...]:
        """Write the files; the whole directory of secrets is mounted, so that they can change."""
        _check_sources(spec)
        directory = self._replicas / spec.namespace / spec.id
        secrets = directory / "secrets"
        with self._writing, _explained(f"the files of container {spec.id}"):
            secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
            for secret in spec.secrets:
                content = Path(secret.source).read_bytes()
                _write_secret(secrets / secret.name, content, user.uid, user.gid)
            os.chown(secrets, user.uid, user.gid)
            secrets.chmod(0o500)
        return (*self._shared(), Mount(source=str(secrets), target=SECRETS), *spec.mounts)

    def update_secret(self, namespace: str, secret: SecretFile) -> None:
        """Replace each copy by one that the same user can read."""
        with self._writing, _explained(f"secret {secret.name} of namespace {namespace}"):
            content = Path(secret.source).read_bytes()
            for path in (self._replicas / namespace).glob(f"*/secrets/{secret.name}"):
                with suppress(FileNotFoundError):  # The container is being removed.
                    if path.read_bytes() != content:
                        owner = path.stat()
                        _write_secret(path, content, owner.st_uid, owner.st_gid)

    def exist(self, namespace: str, container: str) -> bool:
        """Tell whether the directory is there."""
        return (self._replicas / namespace / container).is_dir()

    def remove(self, namespace: str, container: str) -> None:
        """Remove the directory."""
        shutil.rmtree(self._replicas / namespace / container, ignore_errors=True)

    def list(self) -> Sequence[tuple[str, str]]:
        """Return the containers that have one."""
        return sorted((path.parent.name, path.name) for path in self._replicas.glob("*/*"))

    def _shared(self) -> Sequence[Mount]:
        hosts, resolver = Path(self._run, "hosts"), Path(self._run, "resolv.conf")
        if not hosts.exists():
            write_hosts(self._run, {})
        if not resolver.exists():
            write_resolv_conf(self._run)
        return (
            Mount(source=str(hosts), target="/etc/hosts"),
            Mount(source=str(resolver), target="/etc/resolv.conf"),
        )


def _check_sources(spec: ContainerSpec) -> None:
    for secret in spec.secrets:
        if not Path(secret.source).is_file():
            raise Unsatisfiable(
                f"secret {secret.name} does not exist in namespace {spec.namespace}",
                field="secrets",
            )
    for mount in spec.mounts:
        if not Path(mount.source).exists():
            raise Unsatisfiable(
                f"{mount.source}, to be mounted at {mount.target}, does not exist", field="mounts"
            )


def _write_secret(path: Path, content: bytes, uid: int, gid: int) -> None:
    """Write beside and rename: a running container sees the old bytes or the new, never half."""
    partial = path.with_name(f".{path.name}")
    partial.unlink(missing_ok=True)
    try:
        with open(partial, "xb", opener=_private) as file:
            file.write(content)
            os.fchown(file.fileno(), uid, gid)
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind = NoRoom if error.errno in (errno.ENOSPC, errno.EDQUOT) else Unavailable
        raise kind(f"cannot write {what}: {error.strerror}") from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o400)
