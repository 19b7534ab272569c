"""What one test deploys, stores and makes, all of it under names of its own, and all removed."""

import base64
import json
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from tests.conformance.client import Answer, Client, Headers, Json
from tests.conformance.settings import Settings

NAMESPACE = "openfaas-fn"
DONE = (200, 202)
MADE = (200, 201, 202)
PAUSE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function by its name; it need not be there.

    Attributes:
        client: with the login, for ``/system``.
        caller: without it: what it is sent a function sees.
    """

    client: Client
    caller: Client
    name: str
    namespace: str
    timeout: float

    def call(
        self, method: str = "GET", path: str = "", body: Json = None, headers: Headers | None = None
    ) -> Answer:
        """Call it; outside the default namespace by ``NAME.NAMESPACE``."""
        route = self.name if self.namespace == NAMESPACE else f"{self.name}.{self.namespace}"
        return self.caller.call(method, f"/function/{route}{path}", body, headers)

    def seen(self, method: str = "GET", path: str = "", **more: Json) -> Json:
        """Call a `serve` function and return what it saw, every byte one character."""
        answer = self.call(method, path, **more).expect(200)
        return json.loads(answer.text, object_pairs_hook=join_lines)

    def describe(self) -> Answer:
        """Ask for its status."""
        return self.client.call("GET", f"/system/function/{self.name}?namespace={self.namespace}")

    def status(self) -> Json:
        """Return its status."""
        return self.describe().expect(200).json

    def scale(self, replicas: int) -> Answer:
        """Ask for that many replicas."""
        body = {"serviceName": self.name, "namespace": self.namespace, "replicas": replicas}
        path = f"/system/scale-function/{self.name}?namespace={self.namespace}"
        return self.client.call("POST", path, body)

    def update(self, **fields: Json) -> Answer:
        """PUT a deployment."""
        return self.client.call("PUT", "/system/functions", self.fields(**fields))

    def deploy(self, **fields: Json) -> Answer:
        """POST a deployment."""
        return self.client.call("POST", "/system/functions", self.fields(**fields))

    def delete(self) -> Answer:
        """Delete it."""
        body = {"functionName": self.name, "namespace": self.namespace}
        path = f"/system/functions?namespace={self.namespace}"
        return self.client.call("DELETE", path, body)

    def fields(self, **fields: Json) -> Json:
        """Return a deployment of it with these fields."""
        return {"service": self.name, "namespace": self.namespace, **fields}

    def is_ready(self) -> bool:
        """Tell whether a replica is available and the function answers."""
        answer = self.describe()
        if answer.status != 200 or answer.json["availableReplicas"] < 1:
            return False
        return self.call("GET", "/_/health").status not in (404, 502, 503)

    def is_gone(self) -> bool:
        """Tell whether nobody knows it any more."""
        return self.describe().status == 404 and self.call().status == 404

    def wait_ready(self) -> "Function":
        """Wait until it answers."""
        self.wait(self.is_ready, f"{self.name} to be ready")
        return self

    def wait_replicas(self, available: int) -> None:
        """Wait until so many replicas are available."""
        what = f"{self.name} to have {available} replicas available"
        self.wait(lambda: self.status()["availableReplicas"] == available, what)

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until a condition holds."""
        until = time.monotonic() + self.timeout
        while not condition():
            if time.monotonic() > until:
                raise AssertionError(
                    f"waited {self.timeout:g} s for {what}; it is now\n{self.describe()}"
                )
            time.sleep(PAUSE)


class Scene:
    """Makes things on a node, and removes them when it is closed, also those that half failed."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self.client = client
        self.settings = settings
        self._prefix = f"conf-{uuid.uuid4().hex[:8]}"
        self._undo = ExitStack()

    def name(self, word: str) -> str:
        """Return a name that no other test uses."""
        return f"{self._prefix}-{word}"

    def unknown(self, word: str, namespace: str = NAMESPACE) -> Function:
        """Name a function and make none; if the test deploys it, it is removed at the end."""
        function = Function(
            client=self.client,
            caller=Client(self.client.url),
            name=self.name(word),
            namespace=namespace,
            timeout=self.settings.timeout,
        )
        self._undo.callback(self._remove_function, function)
        return function

    def function(
        self, word: str, kind: str = "serve", namespace: str = NAMESPACE, **fields: Json
    ) -> Function:
        """Deploy a function of an image of a kind and wait until it is ready."""
        function = self.unknown(word, namespace)
        function.deploy(image=self.settings.images[kind], **fields).expect(*DONE)
        return function.wait_ready()

    def secret(self, word: str, value: str | bytes, namespace: str = NAMESPACE) -> str:
        """Store a secret, bytes as rawValue; return its name."""
        name = self.name(word)
        self._undo.callback(self.delete_secret, name, namespace)
        body = {"name": name, "namespace": namespace, **secret_value(value)}
        self.client.call("POST", f"/system/secrets?namespace={namespace}", body).expect(*MADE)
        return name

    def update_secret(self, name: str, value: str | bytes) -> Answer:
        """Replace a secret's value."""
        body = {"name": name, "namespace": NAMESPACE, **secret_value(value)}
        return self.client.call("PUT", f"/system/secrets?namespace={NAMESPACE}", body)

    def delete_secret(self, name: str, namespace: str = NAMESPACE) -> Answer:
        """Delete a secret."""
        body = {"name": name, "namespace": namespace}
        return self.client.call("DELETE", f"/system/secrets?namespace={namespace}", body)

    def secrets(self, namespace: str = NAMESPACE) -> Json:
        """Return the list of secrets."""
        return self.client.call("GET", f"/system/secrets?namespace={namespace}").expect(*DONE).json

    def namespace(self, word: str, **fields: Json) -> str:
        """Make a namespace for functions; return its name."""
        name = self.name(word)
        self._undo.callback(self._remove_namespace, name)
        body = {"name": name, "labels": {"openfaas": "true"}, **fields}
        self.client.call("POST", f"/system/namespace/{name}", body).expect(*MADE)
        return name

    def functions(self, namespace: str = NAMESPACE) -> dict[str, Json]:
        """Return the statuses of all functions, by name."""
        answer = self.client.call("GET", f"/system/functions?namespace={namespace}").expect(200)
        return {status["name"]: status for status in answer.json}

    def close(self) -> None:
        """Remove everything, the last first."""
        self._undo.close()

    def _remove_function(self, function: Function) -> None:
        if function.delete().status != 404:
            function.wait(function.is_gone, f"{function.name} to be gone")

    def _remove_namespace(self, name: str) -> None:
        body = {"name": name}
        self.client.call("DELETE", f"/system/namespace/{name}", body).expect(*DONE, 404)


def join_lines(pairs: list[tuple[str, Json]]) -> Json:
    """Join header lines of one name into a list (RFC 9110, 5.3)."""
    joined: dict[str, Json] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def secret_value(value: str | bytes) -> dict[str, str]:
    """Return the field of a request that holds a secret's value."""
    if isinstance(value, str):
        return {"value": value}
    return {"rawValue": base64.b64encode(value).decode()}
