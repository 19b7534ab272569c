"""A provider on either machine: asked as clients ask it, looked at, killed, started again."""

import base64
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from faasd.http.basic_auth import Login
from faasd.node.domain.container import Task, Workload
from faasd.node.domain.network import Network
from provider_app.api.parts import parts_of
from provider_app.app import create_app
from provider_app.config import ProviderConfig
from provider_app.domain.function import FunctionKey
from provider_app.services.provider import Provider
from provider_app.services.views import FunctionView
from tests.contract.backends import NAMESPACE, Backend
from tests.contract.histories.model import DEFAULT_REQUEST, ROOM, Call, Delete, Deploy, Operation
from tests.contract.histories.router_files import read_routed
from tests.contract.histories.taps import Killed, Moment, Tap, TappedDatabase, tapped_node

LOGIN = Login(user=b"admin", password=b"secret")
AUTHORIZATION = "Basic " + base64.b64encode(b"admin:secret").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How quick a machine is, in seconds.

    Attributes:
        ready: until a replica that does not answer is called late.
        update: until an update that does not get ready is taken back.
        patience: until everything must have settled.
        pause: between two looks.
    """

    ready: float
    update: float
    patience: float
    pause: float


IN_MEMORY = Pace(ready=0.2, update=1.5, patience=15.0, pause=0.003)
ON_CONTAINERD = Pace(ready=1.5, update=4.0, patience=60.0, pause=0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Everything that there is, each from its own source.

    Attributes:
        functions: by name, as the API knows them.
        containers: with their state.
        rotation: the addresses that the provider sends calls to, by function.
        routed: the addresses that the router's files name, by function.
        roots, files, pipes: the containers that have some.
        requested: bytes that all functions ask for, as the budget has it.
    """

    functions: Mapping[str, FunctionView]
    containers: Sequence[Workload]
    tasks: Sequence[Task]
    networks: Sequence[Network]
    roots: Sequence[str]
    files: Sequence[str]
    pipes: Sequence[str]
    rotation: Mapping[str, frozenset[str]]
    routed: Mapping[str, frozenset[str]]
    requested: int

    def containers_of(self, name: str) -> Sequence[Workload]:
        """Return the containers of one function."""
        return [workload for workload in self.containers if workload.name == name]


class Stand:
    """One machine and its provider, until `close`."""

    def __init__(self, backend: Backend, directory: Path, pace: Pace) -> None:
        self.backend = backend
        self.pace = pace
        self.config = ProviderConfig(
            database=str(directory / "functions.db"),
            secrets_directory=str(directory / "secrets"),
            router_directory=str(directory / "router"),
            bridge_address="127.0.0.1",
            service_timeout=pace.patience / 3,
            ready_timeout=pace.ready,
            update_timeout=pace.update,
            memory_reserve=max(backend.node.machine.memory() - ROOM, 0),
            memory_request=DEFAULT_REQUEST,
            threads=20,
        )
        self._hook = threading.excepthook
        threading.excepthook = self._mourn
        self.start()

    def start(self, moment: Moment | None = None) -> None:
        """Begin, on what an earlier provider left; be killed at a moment of it, maybe."""
        self.tap = Tap()
        self.tap.arm(moment)
        node = tapped_node(self.backend.open(), self.tap)
        try:
            self.provider = Provider(node, self.config, partial(TappedDatabase, self.tap))
        except Killed:
            node.close()
            self.start()
            return
        self._client: FlaskClient = create_app(parts_of(self.provider, LOGIN)).test_client()
        self._client.environ_base["HTTP_AUTHORIZATION"] = AUTHORIZATION

    def stop(self) -> None:
        """End the provider as by SIGTERM."""
        self.provider.close()

    def kill(self) -> None:
        """End the provider as by SIGKILL."""
        self.tap.kill()
        self.provider.close()

    def close(self) -> None:
        """End it; containers are left to the machine."""
        self.kill()
        threading.excepthook = self._hook

    def perform(self, operation: Operation) -> int | None:
        """Ask the provider, and return its status; None where it was killed meanwhile."""
        match operation:
            case Deploy(name=name, asked=asked, method=method, flaw=flaw):
                return self._ask(method, "/system/functions", asked.body(name, flaw))
            case Delete(name=name):
                return self._ask("DELETE", "/system/functions", {"functionName": name})
            case Call(name=name):
                return self._ask("GET", f"/function/{name}")
            case _:
                path = f"/system/scale-function/{operation.name}"
                return self._ask("POST", path, {"replicas": operation.replicas})

    def mark_of(self, name: str) -> object:
        """Call a function and return the mark of the deployment that answers, or the status."""
        with self.tap.watching():
            answer = self._client.get(f"/function/{name}", buffered=True)
        found = answer.get_json(silent=True) if answer.status_code == 200 else None
        return found["env"].get("MARK") if found else f"{answer.status_code} {answer.text}"

    @property
    def is_at_work(self) -> bool:
        """Whether a function is being worked on now."""
        return self.provider._reconciler.is_busy(NAMESPACE)

    def look(self) -> Seen:
        """Look at all there is."""
        ports = self.backend.node.workloads._parts
        with self.tap.watching():
            views = {
                view.function.key.name: view for view in self.provider.functions.list(NAMESPACE)
            }
            return Seen(
                functions=views,
                containers=self.backend.node.workloads.list(NAMESPACE),
                tasks=ports.tasks.list(NAMESPACE),
                networks=ports.networks.list(),
                roots=sorted(ports.roots.list(NAMESPACE)),
                files=sorted(container for _, container in ports.files.list()),
                pipes=sorted(container for _, _, container in ports.pipes.list()),
                rotation={name: self._rotation(name) for name in views},
                routed=read_routed(Path(self.config.router_directory)),
                requested=self.provider.functions.room.use().requested,
            )

    def pids(self, name: str) -> Mapping[str, int]:
        """Return the processes of a function, by container."""
        found = self.backend.node.workloads.list(NAMESPACE)
        return {each.id: each.task.pid for each in found if each.name == name}

    def has_failed(self, name: str, container: str) -> bool:
        """Tell whether a replica failed, and would be kept waiting the next time."""
        return container in self.provider.replicas.failures(_key(name))

    def _rotation(self, name: str) -> frozenset[str]:
        ready = self.provider.replicas.ready(_key(name))
        return frozenset(replica.workload.address or "" for replica in ready)

    def _ask(self, method: str, path: str, body: dict[str, object] | None = None) -> int | None:
        try:
            return self._client.open(path, method=method, json=body, buffered=True).status_code
        except Killed:
            return None

    def _mourn(self, death: Any) -> None:
        """A thread of a provider that was killed ends without a word; others are told of."""
        if death.exc_type is not Killed:
            self._hook(death)


def _key(name: str) -> FunctionKey:
    return FunctionKey(namespace=NAMESPACE, name=name)
