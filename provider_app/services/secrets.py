"""Secrets of functions: files ``NAMESPACE/NAME``, readable by root alone.

A container has a copy of its own, which an update replaces; see docs/api.md.
"""

import errno
import logging
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from uuid import uuid4

from faasd.base.errors import AlreadyExists, FaasdError, InUse, NoRoom, NotFound, Unavailable
from faasd.node.domain.container import SecretFile
from provider_app.domain.function import Function
from provider_app.services.store import Store

Spread = Callable[[str, SecretFile], None]
"""Given a namespace and a secret of it, replaces the copies that containers have."""

log = logging.getLogger(__name__)


class Secrets:
    """The secrets of every namespace. Names are checked before they come here."""

    def __init__(self, directory: str, store: Store, spread: Spread) -> None:
        self._directory = Path(directory)
        self._store = store
        self._spread = spread
        self._lock = Lock()

    def list(self, namespace: str) -> Sequence[str]:
        """Return the names of a namespace's secrets."""
        directory = self._directory / namespace
        if not directory.is_dir():
            return []
        return sorted(path.name for path in directory.iterdir() if not path.name.startswith("."))

    def create(self, namespace: str, name: str, value: bytes) -> None:
        """Store a new secret.

        Raises:
            AlreadyExists: there is one of that name.
        """
        with self._lock:
            if self._path(namespace, name).exists():
                raise AlreadyExists(
                    f"name: secret {name} exists already in namespace {namespace}", field="name"
                )
            self._write(namespace, name, value)

    def update(self, namespace: str, name: str, value: bytes) -> None:
        """Replace a secret's value, in the containers that have it, too.

        Raises:
            NotFound: there is no such secret.
            NoRoom: it cannot be written everywhere; doing it again does the rest.
        """
        with self._lock:
            self._check_exists(namespace, name)
            self._write(namespace, name, value)
            self._spread(namespace, self._file(namespace, name))

    def catch_up(self) -> None:
        """Finish what an earlier provider was at when it was killed."""
        with self._lock:
            for path in self._directory.glob("*/*"):
                if path.name.startswith("."):
                    path.unlink(missing_ok=True)
                    continue
                try:
                    self._spread(path.parent.name, self._file(path.parent.name, path.name))
                except FaasdError as error:
                    log.warning("secret %s: %s", path.name, error)

    def remove(self, namespace: str, name: str) -> None:
        """Remove a secret.

        Raises:
            NotFound: there is no such secret.
            InUse: functions use it; the sentence names them.
        """
        with self._lock:
            self._check_exists(namespace, name)
            users = [
                function.deployment.name
                for function in self._store.list(namespace)
                if self._uses(function, name)
            ]
            if users:
                raise InUse(f"name: secret {name} is used by {', '.join(users)}", field="name")
            self._path(namespace, name).unlink()

    def remove_all(self, namespace: str) -> None:
        """Remove every secret of a namespace that has no functions any more."""
        with self._lock:
            shutil.rmtree(self._directory / namespace, ignore_errors=True)

    def _uses(self, function: Function, name: str) -> bool:
        """Tell whether a function uses a secret, or did before an update that may be taken back."""
        previous = self._store.find_previous(function.key)
        deployments = [one.deployment for one in (function, previous) if one is not None]
        return any(name in deployment.secrets for deployment in deployments)

    def _file(self, namespace: str, name: str) -> SecretFile:
        return SecretFile(name=name, source=str(self._path(namespace, name)))

    def _check_exists(self, namespace: str, name: str) -> None:
        if not self._path(namespace, name).is_file():
            raise NotFound(
                f"name: secret {name} does not exist in namespace {namespace}", field="name"
            )

    def _path(self, namespace: str, name: str) -> Path:
        return self._directory / namespace / name

    def _write(self, namespace: str, name: str, value: bytes) -> None:
        """Write beside, then rename: there is the old value or the new, never half of one."""
        path = self._path(namespace, name)
        partial = path.with_name(f".{uuid4()}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(partial, "xb", opener=_private) as file:
                file.write(value)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(path)
        except OSError as error:
            kind = NoRoom if error.errno in (errno.ENOSPC, errno.EDQUOT) else Unavailable
            raise kind(f"cannot store secret {name}: {error.strerror}") from error
        finally:
            partial.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
