"""Registries' logins, kept as Docker keeps them: ``STATE/.docker/config.json``."""

import base64
import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import FaasdError, InvalidInput, NotFound
from faasd.node.adapters.images.skopeo import POLICY, Skopeo
from faasd.node.domain.settings import NodeSettings

LOGIN_TIMEOUT = 60.0
_SERVER = re.compile(r"[A-Za-z0-9][-A-Za-z0-9.]*(:[0-9]{1,5})?(/[-a-z0-9._/]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One registry that the node logs in to; `user` is empty where a helper program knows it."""

    server: str
    user: str


class RegistryLogins:
    """The file of logins; the provider reads it anew for each image."""

    def __init__(self, settings: NodeSettings) -> None:
        self._file = Path(settings.state_dir, ".docker", "config.json")
        self._skopeo = Skopeo(
            authfile=self._file, registries_conf=settings.registries_conf, policy=POLICY
        )

    def log_in(self, server: str, user: str, password: str) -> None:
        """Try a login at the registry, and keep it if that takes it.

        Raises:
            InvalidInput: the server is no host name.
            Unsatisfiable: the registry takes no such login, or its certificate is not trusted.
            Unavailable: it does not answer.
        """
        check_server(server)
        if not user:
            raise InvalidInput("the user is missing: give it with -u USER", field="user")
        command = ("login", *self._authfile(), "--username", user, "--password-stdin", server)
        with self._alone():
            self._skopeo.run(command, f"registry {server}", LOGIN_TIMEOUT, password.encode())
            self._file.chmod(0o600)

    def log_out(self, server: str) -> None:
        """Forget a login.

        Raises:
            NotFound: there is none.
        """
        check_server(server)
        with self._alone():
            if server not in [login.server for login in self.list()]:
                raise NotFound(f"this node is not logged in to {server}")
            command = ("logout", *self._authfile(), server)
            self._skopeo.run(command, f"registry {server}", LOGIN_TIMEOUT)

    def list(self) -> Sequence[Login]:
        """Return the registries with a login, by name.

        Raises:
            FaasdError: the file is no JSON.
        """
        try:
            document = json.loads(self._file.read_text())
        except FileNotFoundError:
            return ()
        except ValueError as error:
            raise FaasdError(f"{self._file} is no JSON: {error}; mend or remove it") from error
        auths = _object(document, "auths")
        found = {server: _user(auths[server]) for server in auths}
        helped = dict.fromkeys(_object(document, "credHelpers"), "")
        both = {**helped, **found}
        return [Login(server=server, user=both[server]) for server in sorted(both)]

    def _authfile(self) -> Sequence[str]:
        return ("--authfile", str(self._file))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time change the file."""
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory = os.open(self._file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)
            yield
        finally:
            os.close(directory)


def check_server(server: str) -> None:
    """Raise InvalidInput unless it is a registry as images name it."""
    if not _SERVER.fullmatch(server):
        raise InvalidInput(
            f"{server[:120]!r} is no registry: write it as images do, host or host:port, "
            "without https://",
            field="server",
        )


def _object(document: object, key: str) -> Mapping[str, object]:
    value = document.get(key) if isinstance(document, dict) else None
    return value if isinstance(value, dict) else {}


def _user(entry: object) -> str:
    token = entry.get("auth") if isinstance(entry, dict) else None
    try:
        return base64.b64decode(token or "", validate=True).decode().partition(":")[0]
    except (ValueError, TypeError):
        return ""
