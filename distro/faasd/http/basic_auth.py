"""Basic authentication (RFC 7617) against the node's one login."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import InvalidInput

REALM = 'Basic realm="Restricted"'
"""What OpenFaaS answers in ``WWW-Authenticate``."""

USER_FILE = "basic-auth-user"
PASSWORD_FILE = "basic-auth-password"  # noqa: S105  # a file's name


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Login:
    """A user and a password. Neither is shown by `repr`."""

    user: bytes
    password: bytes

    def admits(self, header: str | None) -> bool:
        """Tell whether an ``Authorization`` header holds this login, in constant time."""
        user, password = _decode(header or "")
        same_user = hmac.compare_digest(user, self.user)
        same_password = hmac.compare_digest(password, self.password)
        return same_user and same_password


def read_login(directory: str) -> Login:
    """Read the login from the two files of a directory.

    Raises:
        InvalidInput: one is missing or empty; the sentence names it.
    """
    user, password = (_read(Path(directory, name)) for name in (USER_FILE, PASSWORD_FILE))
    return Login(user=user, password=password)


def find_login(directory: str) -> Login | None:
    """Read the login as `read_login` does, or return None where there is none."""
    try:
        return read_login(directory)
    except InvalidInput:
        return None


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes().strip()
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}; run `faasd install`") from error
    if not content:
        raise InvalidInput(f"{path} is empty; run `faasd install`")
    return content


def _decode(header: str) -> tuple[bytes, bytes]:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return b"", b""
    try:
        user, _, password = base64.b64decode(value.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return b"", b""
    return user, password
