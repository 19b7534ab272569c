"""Secrets of functions: files ``NAMESPACE/NAME``, readable by root alone.

A container gets the bytes as they are when it is made; see docs/errors.md for what refuses what.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from uuid import uuid4

from faasd.base.errors import AlreadyExists, InUse, NoRoom, NotFound, Unavailable
from provider_app.services.store import Store


class Secrets:
    """The secrets of every namespace. Names are checked before they come here."""

    def __init__(self, directory: str, store: Store) -> None:
        self._directory = Path(directory)
        self._store = store
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
                    f"secret {name} exists already in namespace {namespace}", field="name"
                )
            self._write(namespace, name, value)

    def update(self, namespace: str, name: str, value: bytes) -> None:
        """Replace a secret's value; containers that are there keep the one they have.

        Raises:
            NotFound: there is no such secret.
        """
        with self._lock:
            self._check_exists(namespace, name)
            self._write(namespace, name, value)

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
                if name in function.deployment.secrets
            ]
            if users:
                raise InUse(f"secret {name} is used by {', '.join(users)}", field="name")
            self._path(namespace, name).unlink()

    def _check_exists(self, namespace: str, name: str) -> None:
        if not self._path(namespace, name).is_file():
            raise NotFound(f"secret {name} does not exist in namespace {namespace}", field="name")

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
            kind = NoRoom if "space" in str(error) else Unavailable
            raise kind(f"cannot store secret {name}: {error.strerror}") from error
        finally:
            partial.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
