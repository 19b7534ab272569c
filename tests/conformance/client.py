"""Speaks HTTP to a node, and says in failures what was asked and answered, as curl would."""

import base64
import http.client
import json
import shlex
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Json = Any
Headers = Mapping[str, str]
LONGEST = 2000
"""Characters of a body that a failure shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back.

    Attributes:
        headers: names in lower case; of those that came twice, the last.
        question: the curl command that asks the same.
    """

    status: int
    reason: str
    headers: Headers
    body: bytes
    question: str

    @property
    def text(self) -> str:
        """The body, every byte one character."""
        return self.body.decode("latin-1")

    @property
    def json(self) -> Json:
        """The body, decoded."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise AssertionError(f"expected JSON\n{self}") from None

    def expect(self, *statuses: int) -> "Answer":
        """Return the answer if it has one of the statuses."""
        if self.status not in statuses:
            wanted = " or ".join(map(str, statuses))
            raise AssertionError(f"expected {wanted}\n{self}")
        return self

    def __str__(self) -> str:
        lines = [f"$ {self.question}", f"HTTP {self.status} {self.reason}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\n".join([*lines, "", shorten(self.text)])


class Client:
    """A caller of one URL; `login` is ``user:password``, or empty for a caller without."""

    def __init__(self, url: str, login: str = "") -> None:
        self.url = url
        self._parts = urlsplit(url)
        token = base64.b64encode(login.encode()).decode()
        self._login = {"Authorization": f"Basic {token}"} if login else {}

    def call(
        self,
        method: str,
        path: str,
        body: Json = None,
        headers: Headers | None = None,
        timeout: float = 60,
    ) -> Answer:
        """Send one request and read the answer whole; a body that is not bytes goes as JSON."""
        with self.stream(method, path, body, headers, timeout) as response:
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(
                status=response.status,
                reason=response.reason,
                headers=found,
                body=response.read(),
                question=self._question(method, path, body, headers),
            )

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        body: Json = None,
        headers: Headers | None = None,
        timeout: float = 60,
    ) -> Iterator[http.client.HTTPResponse]:
        """Send one request and give the answer to be read, at most `timeout` for each piece."""
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        connection = kinds[self._parts.scheme](self._parts.netloc, timeout=timeout)
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        kind = {} if body is None or isinstance(body, bytes) else JSON_TYPE
        with closing(connection):
            try:
                full = self._parts.path + path
                connection.request(method, full, sent, self._login | kind | dict(headers or {}))
                with connection.getresponse() as response:
                    yield response
            except (OSError, http.client.HTTPException) as error:
                asked = self._question(method, path, body, headers)
                raise Unanswered(f"$ {asked}\nno answer: {error!r}") from error

    def _question(self, method: str, path: str, body: Json, headers: Headers | None) -> str:
        words = ["curl", "-i", "-X", method]
        words += ["-u", "$OPENFAAS_USER:$OPENFAAS_PASSWORD"] if self._login else []
        for name, value in (headers or {}).items():
            words += ["-H", f"{name}: {value}"]
        if body is not None:
            text = body.decode("latin-1") if isinstance(body, bytes) else json.dumps(body)
            words += ["-d", shorten(text)]
        return shlex.join([*words, self.url + path])


JSON_TYPE = {"Content-Type": "application/json"}


class Unanswered(AssertionError):
    """The connection was refused, broken or too slow."""


def shorten(text: str) -> str:
    """Cut what is too long to be read."""
    cut = len(text) - LONGEST
    return text if cut <= 0 else f"{text[:LONGEST]}… and {cut} more"
