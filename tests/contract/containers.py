"""Making containers on a machine under test, and asking them."""

import http.client
import time
from collections.abc import Callable

from faasd.node.domain.container import ContainerSpec, TaskState, Workload
from tests.contract.backends import NAMESPACE, Backend, image

PATIENCE = 5.0


def spec(program: str = "serve", **changes: object) -> ContainerSpec:
    values: dict[str, object] = {
        "namespace": NAMESPACE,
        "id": "fn.1.0",
        "name": "fn",
        "generation": 1,
        "image": image(program),
        "grace": 2.0,
    }
    return ContainerSpec(**(values | changes))  # type: ignore[arg-type]


def eventually(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def answers(address: str | None) -> bool:
    connection = http.client.HTTPConnection(address or "", 8080, timeout=1)
    try:
        connection.request("GET", "/_/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def state(backend: Backend, container: str = "fn.1.0") -> TaskState | None:
    found = backend.node.workloads.find(NAMESPACE, container)
    return found.state if found else None


def running(backend: Backend, program: str = "serve", **changes: object) -> Workload:
    made = backend.node.workloads.create(spec(program, **changes))
    return backend.node.workloads.start(NAMESPACE, made.id)
