"""The queue-worker's own API, as this node's commands call it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

from faasd.base.errors import BadAnswer, FaasdError, Unavailable
from faasd.cli.api import NO_ANSWER, OK, Api, read_login
from faasd.installer.paths import RUN_DIR, SECRETS_DIR

SERVICE = "queue-worker"
PORT = 8083
AT_ONCE = 100
"""What the worker replays or purges in one request, at most."""

_TIMEOUT = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueApi:
    """The worker's API.

    Attributes:
        login: ``user:password``.
    """

    address: str
    login: str
    port: int = PORT

    def overview(self) -> Mapping[str, object]:
        """Return what is in the queue."""
        return cast("Mapping[str, object]", self._ask("GET", "/queue"))

    def dead(self, most: int, after: int = 0) -> Sequence[Mapping[str, object]]:
        """Return dead letters, the oldest first, those with a number above `after`."""
        query = urlencode({"limit": most, "after": after})
        return cast("Sequence[Mapping[str, object]]", self._ask("GET", f"/dead?{query}"))

    def act(self, what: str, numbers: Sequence[int]) -> tuple[int, Sequence[str]]:
        """Replay or purge dead letters; return how many, and a sentence for each that was not."""
        done = 0
        refused: list[str] = []
        for first in range(0, len(numbers), AT_ONCE):
            part = [("number", number) for number in numbers[first : first + AT_ONCE]]
            answer = cast(
                "Mapping[str, list[object]]", self._ask("POST", f"/{what}?{urlencode(part)}")
            )
            done += len(answer["done"])
            refused += [str(one) for one in answer["refused"]]
        return done, refused

    def _ask(self, method: str, path: str) -> object:
        api = Api(host=self.address, port=self.port, login=self.login, timeout=_TIMEOUT)
        status, text = api.ask(method, path)
        if status == NO_ANSWER:
            raise Unavailable(
                f"{SERVICE} at {self.address}:{self.port} does not answer: {text}; "
                "`faasd status` tells what runs"
            )
        return _understand(status, text)


def open_queue_api() -> QueueApi:
    """Return the API of this node's queue-worker.

    Raises:
        FaasdError: the node was not installed, or its core services do not run.
    """
    hosts = Path(RUN_DIR, "hosts")
    try:
        address = find_address(hosts.read_text())
    except FileNotFoundError:
        address = ""
    if not address:
        raise Unavailable(
            f"{hosts} names no {SERVICE}: the core services do not run; `sudo faasd start`"
        )
    return QueueApi(address=address, login=read_login(Path(SECRETS_DIR)))


def find_address(hosts: str) -> str:
    """Return the queue-worker's address in a hosts file, or ``""``."""
    for line in hosts.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        if SERVICE in names:
            return address
    return ""


def _understand(status: int, text: str) -> object:
    if status != OK:
        raise FaasdError(f"{SERVICE} answered {status}: {text.strip()}")
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadAnswer(f"{SERVICE} answered something else than JSON: {error}") from error
