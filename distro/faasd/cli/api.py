"""The provider's API, as this node's own commands call it."""

import json
import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import cast

from faasd.base.errors import FaasdError, InvalidInput, Unavailable
from faasd.base.names import DEFAULT_FUNCTION_NAMESPACE
from faasd.installer.paths import SECRETS_DIR

DEFAULT_PORT = 8081
PORT_SETTING = "faasd_provider_port"
OK = 200
ACCEPTED = 202
NOT_FOUND = 404
NO_ANSWER = 0
_MOST_PORT = 65535
_CALL_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The node's API, at its front door or at the provider itself, with the node's own login.

    Attributes:
        login: ``user:password``.
        timeout: for an answer, in seconds.
    """

    port: int
    login: str
    host: str = "127.0.0.1"
    timeout: float = _CALL_TIMEOUT

    @property
    def url(self) -> str:
        """Where it is, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        """Return status and text; NO_ANSWER and the reason where nothing answers."""
        token = b64encode(self.login.encode()).decode()
        return self._send(method, path, body, {"Authorization": f"Basic {token}"})

    def invoke(self, name: str, body: str) -> tuple[int, str]:
        """Call a function, which does not get to see the login; return as `ask` does."""
        return self._send("POST", f"/function/{name}", body, {})

    def invoke_later(self, name: str, body: str, callback: str) -> tuple[int, str]:
        """Have a function called later and its answer sent to a URL; return as `ask` does."""
        headers = {"X-Callback-Url": callback}
        return self._send("POST", f"/async-function/{name}", body, headers)

    def is_up(self) -> bool:
        """Tell whether it answers."""
        return self.get_health()[0] == OK

    def get_health(self) -> tuple[int, str]:
        """Return what it says of itself; as `ask` does."""
        return self._send("GET", "/healthz", "", {})

    def get_info(self) -> Mapping[str, object]:
        """Return what the node says it is.

        Raises:
            Unavailable: it does not.
        """
        status, text = self.ask("GET", "/system/info")
        if status != OK:
            raise Unavailable(f"the provider does not say what it is: {status} {text.strip()}")
        return cast("Mapping[str, object]", json.loads(text))

    def list_functions(self, namespace: str) -> Sequence[Mapping[str, object]]:
        """Return the functions' statuses.

        Raises:
            Unavailable: the provider gives none.
        """
        status, text = self.ask("GET", f"/system/functions?namespace={namespace}")
        if status != OK:
            raise Unavailable(f"the provider lists no functions: {status} {text.strip()}")
        return cast("Sequence[Mapping[str, object]]", json.loads(text))

    def list_namespaces(self) -> Sequence[str]:
        """Return the namespaces functions may be in: the default one where there is no choice.

        Raises:
            Unavailable: the provider gives none.
        """
        status, text = self.ask("GET", "/system/namespaces")
        if status == NOT_FOUND:
            return (DEFAULT_FUNCTION_NAMESPACE,)
        if status != OK:
            raise Unavailable(f"the provider lists no namespaces: {status} {text.strip()}")
        return cast("Sequence[str]", json.loads(text))

    def _send(
        self, method: str, path: str, body: str, headers: Mapping[str, str]
    ) -> tuple[int, str]:
        with closing(HTTPConnection(self.host, self.port, timeout=self.timeout)) as connection:
            try:
                connection.request(method, path, body.encode() or None, headers)
                answer = connection.getresponse()
                return answer.status, answer.read().decode(errors="replace")
            except (OSError, HTTPException) as error:
                return NO_ANSWER, str(error)


def open_api() -> Api:
    """Return the API of this node's provider.

    Raises:
        FaasdError: the node was not installed.
    """
    port = provider_port(os.environ.get(PORT_SETTING, ""))
    return Api(port=port, login=read_login(Path(SECRETS_DIR)))


def provider_port(text: str) -> int:
    """Return the provider's port, from its setting.

    Raises:
        InvalidInput: the setting is no port.
    """
    if not text:
        return DEFAULT_PORT
    if text.isascii() and text.isdigit() and 0 < int(text) <= _MOST_PORT:
        return int(text)
    raise InvalidInput(f"{PORT_SETTING} is {text!r}: it must be a port from 1 to {_MOST_PORT}")


def read_login(secrets: Path) -> str:
    """Return ``user:password``.

    Raises:
        FaasdError: the node was not installed.
    """
    try:
        words = [(secrets / f"basic-auth-{name}").read_text() for name in ("user", "password")]
    except FileNotFoundError as error:
        raise FaasdError(f"{error.filename} is missing: run `faasd install` first") from None
    return ":".join(word.strip() for word in words)
