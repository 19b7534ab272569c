"""Speaks to the provider as `faas-cli` and `curl` do."""

import base64
import http.client
import json
import time
from dataclasses import dataclass
from typing import Any

from tests.machine.processes import wait_until

NAMESPACE = "openfaas-fn"
Json = Any
Unreachable = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Json:
        return json.loads(self.body)


class Client:
    """A caller with a name and password; the name is empty for one without.

    It waits `patience` seconds for an answer.
    """

    def __init__(
        self, host: str, port: int, user: str = "", password: str = "", patience: float = 30
    ) -> None:
        self._host, self._port, self._patience = host, port, patience
        basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        self.authorization = {"Authorization": f"Basic {basic}"} if user else {}

    def call(
        self, method: str, path: str, body: Json = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Send one request; a `body` that is not bytes is sent as JSON."""
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self._patience)
        try:
            connection.request(method, path, sent, self.authorization | (headers or {}))
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, answer.read(), found)
        finally:
            connection.close()

    def deploy(self, name: str, image: str, **more: Json) -> Answer:
        """POST a deployment."""
        return self.call("POST", "/system/functions", {"service": name, "image": image} | more)

    def update(self, name: str, image: str, **more: Json) -> Answer:
        """PUT a deployment."""
        return self.call("PUT", "/system/functions", {"service": name, "image": image} | more)

    def delete(self, name: str) -> Answer:
        """Delete a function."""
        body = {"functionName": name, "namespace": NAMESPACE}
        return self.call("DELETE", "/system/functions", body)

    def scale(self, name: str, replicas: Json) -> Answer:
        """Ask for that many replicas."""
        body = {"serviceName": name, "replicas": replicas, "namespace": NAMESPACE}
        return self.call("POST", f"/system/scale-function/{name}", body)

    def describe(self, name: str) -> Answer:
        """Ask for one function's status."""
        return self.call("GET", f"/system/function/{name}")

    def names(self) -> set[str]:
        """Return the names of all functions."""
        answer = self.call("GET", "/system/functions")
        assert answer.status == 200, answer.text
        return {function["name"] for function in answer.json}

    def invoke(
        self,
        name: str,
        path: str = "",
        method: str = "GET",
        body: bytes | None = None,
        **headers: str,
    ) -> Answer:
        """Call a function; ``x_call_id`` of `headers` is sent as ``X-Call-Id``."""
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        return self.call(method, f"/function/{name}{path}", body, sent)

    def replicas(self, name: str) -> int:
        """Return how many replicas are ready; -1 when there is no such function."""
        answer = self.describe(name)
        return int(answer.json["availableReplicas"]) if answer.status == 200 else -1

    def wait_ready(self, name: str, seconds: float = 10) -> float:
        """Wait until a replica is ready; return how long that took, in seconds."""
        return wait_until(
            lambda: self.replicas(name) > 0, seconds, f"{name} ready: {self.describe(name).body!r}"
        )

    def wait_answers(self, name: str, seconds: float = 10) -> float:
        """Wait until the function answers 200."""
        return wait_until(lambda: self.answers(name), seconds, f"{name} answers")

    def answers(self, name: str) -> bool:
        """Tell whether the function answers 200 now; the provider may be down."""
        try:
            return self.invoke(name).status == 200
        except Unreachable:
            return False

    def is_up(self) -> bool:
        """Tell whether the provider answers."""
        try:
            return self.call("GET", "/healthz").status == 200
        except Unreachable:
            return False


@dataclass
class Calls:
    """Every answer that a constant caller got."""

    statuses: list[int]
    errors: list[str]

    @classmethod
    def until(cls, client: Client, name: str, stop: "Stop") -> "Calls":
        """Call `name` one time after another until `stop`."""
        calls = cls([], [])
        while not stop.asked:
            try:
                calls.statuses.append(client.invoke(name).status)
            except Unreachable as error:
                calls.errors.append(repr(error))
                time.sleep(0.01)
        return calls

    @property
    def failures(self) -> list[str]:
        return self.errors + [str(status) for status in self.statuses if status != 200]


@dataclass
class Stop:
    """Asks a constant caller to stop."""

    asked: bool = False
