"""A provider on an in-memory machine, asked as clients ask it."""

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from faasd.http.basic_auth import Login
from faasd.node.adapters.memory.images import make_layout
from faasd.node.adapters.memory.world import MemoryWorld
from faasd.node.domain.container import TaskState, Workload
from faasd.node.domain.image import Platform
from faasd.node.open import Node, open_memory_node
from provider_app.api.parts import parts_of
from provider_app.app import create_app
from provider_app.config import ProviderConfig
from provider_app.domain.function import FunctionKey
from provider_app.services.provider import Provider

NAMESPACE = "openfaas-fn"
PROGRAMS = ("serve", "exit", "silent", "stubborn", "nothing")
PATIENCE = 5.0
LOGIN = Login(user=b"admin", password=b"secret")
AUTHORIZATION = "Basic " + base64.b64encode(b"admin:secret").decode()


class ReadingClient(FlaskClient):
    """Reads each answer to its end and closes it, as a server does, unless told otherwise."""

    def open(self, *args: Any, buffered: bool = True, **kwargs: Any) -> TestResponse:
        return super().open(*args, buffered=buffered, **kwargs)


def json_of(answer: TestResponse) -> Any:
    """Return an answer's JSON; one that has none fails the test with its text."""
    assert answer.is_json, answer.text
    return answer.json


@dataclass
class RunningProvider:
    """A node of its own; `world` is what accidents happen to."""

    directory: Path
    world: MemoryWorld = field(default_factory=MemoryWorld)
    client: FlaskClient = field(init=False)
    provider: Provider | None = None
    config: ProviderConfig = field(init=False)

    def __post_init__(self) -> None:
        for program in PROGRAMS:
            self.push(program, f"/bin/{program}")
        self.push("foreign", "/bin/serve", platform=Platform(architecture="s390x"))
        self.config = ProviderConfig(
            database=str(self.directory / "functions.db"),
            secrets_directory=str(self.directory / "secrets"),
            router_directory=str(self.directory / "router"),
            bridge_address="127.0.0.1",
            service_timeout=PATIENCE,
            ready_timeout=0.3,
            threads=20,
            pressure_file=str(self.directory / "pressure"),
            meminfo_file=str(self.directory / "meminfo"),
        )

    def push(self, name: str, *arguments: str, **config: object) -> str:
        """Put an image into the registry and return its digest."""
        layout = make_layout(f"docker.io/library/{name}:latest", arguments, **config)
        self.world.registry[layout.name] = layout
        return layout.source_digest

    def start(self, **changes: Any) -> None:
        """Begin, as after a restart of the program."""
        self.config = replace(self.config, **changes)
        self.start_on(open_memory_node(self.world))

    def start_on(self, node: Node) -> None:
        """Begin on a node of a test's own."""
        self.provider = Provider(node, self.config)
        app = create_app(parts_of(self.provider, LOGIN))
        app.test_client_class = ReadingClient
        self.client = app.test_client()
        self.client.environ_base["HTTP_AUTHORIZATION"] = AUTHORIZATION

    def stop(self) -> None:
        """End, as by SIGTERM; containers go on."""
        if self.provider is not None:
            self.provider.close()
            self.provider = None

    def reboot(self) -> None:
        """End everything as a reboot does, and begin again."""
        self.stop()
        self.world.reboot()
        self.start()

    def close(self) -> None:
        """End everything."""
        self.world.answers = True
        self.stop()
        self.world.shut_down()

    def deploy(self, name: str = "echo", image: str = "serve", **more: object) -> TestResponse:
        """POST a deployment."""
        return self.client.post("/system/functions", json=_body(name, image, more))

    def update(self, name: str = "echo", image: str = "serve", **more: object) -> TestResponse:
        """PUT a deployment."""
        return self.client.put("/system/functions", json=_body(name, image, more))

    def delete(self, name: str = "echo") -> TestResponse:
        """DELETE a function."""
        return self.client.delete("/system/functions", json={"functionName": name})

    def scale(self, name: str, replicas: object) -> TestResponse:
        """Ask for so many replicas."""
        return self.client.post(f"/system/scale-function/{name}", json={"replicas": replicas})

    def status(self, name: str = "echo") -> dict[str, Any]:
        """GET a function's status."""
        answer = self.client.get(f"/system/function/{name}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = json_of(answer)
        return found

    def state(self, name: str = "echo") -> str:
        """Return the word of a function's state."""
        return str(self.status(name)["annotations"]["com.openfaas.status.state"])

    def reason(self, name: str = "echo") -> str:
        """Return the sentence of a function's state."""
        return str(self.status(name)["annotations"].get("com.openfaas.status.reason", ""))

    def deploy_ready(self, name: str = "echo", image: str = "serve", **more: object) -> None:
        """Deploy, and wait until every replica answers."""
        answer = self.deploy(name, image, **more)
        assert answer.status_code == 202, answer.text
        assert eventually(lambda: self.state(name) == "ready"), self.status(name)

    def workloads(self, name: str = "echo") -> dict[str, Workload]:
        """Return a function's containers."""
        node = open_memory_node(self.world)
        try:
            found = node.workloads.list(NAMESPACE)
        finally:
            node.close()
        return {each.id: each for each in found if each.name == name}

    def running(self, name: str = "echo") -> list[str]:
        """Return a function's containers that run."""
        found = self.workloads(name).values()
        return sorted(each.id for each in found if each.state is TaskState.RUNNING)

    def address(self, name: str = "echo") -> str:
        """Return the address of a function's only container, once it runs."""
        assert eventually(lambda: len(self.running(name)) == 1)
        address = self.workloads(name)[self.running(name)[0]].address
        assert address
        return address

    @contextmanager
    def call_in_flight(self, name: str) -> Iterator[None]:
        """Let a call of a function be under way for as long as the block runs."""
        assert self.provider is not None
        replicas = self.provider.replicas
        taken = replicas.take(FunctionKey(namespace=NAMESPACE, name=name), 0)
        assert taken is not None
        try:
            yield
        finally:
            replicas.release(taken)

    def is_empty(self) -> bool:
        """Tell whether the machine holds nothing of any function."""
        world = self.world
        return not (world.records or world.tasks or world.networks or world.roots or world.files)


def running_provider(directory: Path) -> Iterator[RunningProvider]:
    """Yield one that is started, and end it."""
    made = RunningProvider(directory)
    try:
        made.start()
        yield made
    finally:
        made.close()


def _body(name: str, image: str, more: dict[str, object]) -> dict[str, object]:
    return {"service": name, "image": image} | more


def eventually(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait for a condition; tell whether it came true in time."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    return True
