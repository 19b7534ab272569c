"""Values that tests of the provider's domain are made of."""

from collections.abc import Mapping
from datetime import UTC, datetime

from faasd.base.names import container_id
from faasd.node.domain.container import (
    LABEL_GENERATION,
    LABEL_NAME,
    LABEL_REPLICA,
    ContainerRecord,
    Task,
    TaskState,
    Workload,
)
from provider_app.domain.deployment import Deployment, parse_deployment
from provider_app.domain.function import Function

NAME, NAMESPACE = "echo", "openfaas-fn"
BODY = {"service": NAME, "image": "serve"}
AT = datetime(2026, 1, 1, tzinfo=UTC)


def deployment(**more: object) -> Deployment:
    """Parse a deployment of `NAME`."""
    return parse_deployment(BODY | more, "amd64")


def function(
    generation: int = 1, replicas: int = 1, asked: Mapping[str, object] | None = None
) -> Function:
    """Return a wanted function."""
    return Function(
        deployment=deployment(**asked or {}),
        digest="sha256:1",
        generation=generation,
        replicas=replicas,
        created_at=AT,
    )


def workload(
    generation: int = 1,
    replica: int = 0,
    state: TaskState = TaskState.RUNNING,
    address: str | None = "127.62.0.2",
) -> Workload:
    """Return a container of `NAME` that was found."""
    name = container_id(NAME, generation, replica)
    labels = {
        LABEL_NAME: NAME,
        LABEL_GENERATION: str(generation),
        LABEL_REPLICA: str(replica),
    }
    record = ContainerRecord(
        namespace=NAMESPACE, id=name, image="serve", labels=labels, created_at=AT
    )
    pid = 0 if state is TaskState.NONE else 7
    return Workload(record=record, task=Task(id=name, state=state, pid=pid), address=address)
