"""A function as it is wanted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from faasd.base.names import container_id
from faasd.base.quantities import parse_cpu, parse_memory
from faasd.node.domain.container import ContainerSpec, Limits, SecretFile
from provider_app.domain.deployment import Deployment, Quantities
from provider_app.domain.grace import read_grace


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class FunctionKey:
    """Which function: names are unique in a namespace."""

    namespace: str
    name: str

    def __str__(self) -> str:
        """``NAME.NAMESPACE``, as metrics and routes have it."""
        return f"{self.name}.{self.namespace}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function as it is wanted.

    Attributes:
        digest: what the image's reference meant when it was deployed.
        generation: one for each different deployment, from a counter that never goes back.
        replicas: how many shall run; 0 is asleep.
    """

    deployment: Deployment
    digest: str
    generation: int
    replicas: int
    created_at: datetime

    @property
    def key(self) -> FunctionKey:
        """Which function it is."""
        return FunctionKey(namespace=self.deployment.namespace, name=self.deployment.name)

    @property
    def kept(self) -> int:
        """How many containers are kept: one of a function that is asleep."""
        return max(self.replicas, 1)

    def container_id(self, replica: int) -> str:
        """Return the containerd identifier of one replica."""
        return container_id(self.deployment.name, self.generation, replica)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a decision about a function's replicas was made by."""

    generation: int
    replicas: int

    @classmethod
    def of(cls, function: Function) -> Self:
        """Return what is to be seen of a function now."""
        return cls(generation=function.generation, replicas=function.replicas)


def container_spec(
    function: Function, replica: int, shim_group: str, secrets_directory: str
) -> ContainerSpec:
    """Return what a replica's container is asked to be."""
    deployment = function.deployment
    process = {"fprocess": deployment.process} if deployment.process else {}
    return ContainerSpec(
        namespace=deployment.namespace,
        id=function.container_id(replica),
        name=deployment.name,
        generation=function.generation,
        replica=replica,
        image=deployment.image,
        env={**process, **deployment.env},
        secrets=tuple(
            SecretFile(name=name, source=f"{secrets_directory}/{deployment.namespace}/{name}")
            for name in deployment.secrets
        ),
        limits=_limits(deployment),
        read_only_root=deployment.read_only_root,
        shim_group=shim_group,
        grace=read_grace(deployment.labels, deployment.annotations, deployment.env),
    )


def _limits(deployment: Deployment) -> Limits:
    limits, requests = deployment.limits, deployment.requests
    return Limits(
        memory=_memory(limits, "limits.memory"),
        cpu=_cpu(limits, "limits.cpu"),
        memory_request=_memory(requests, "requests.memory"),
        cpu_request=_cpu(requests, "requests.cpu"),
    )


def _memory(quantities: Quantities, field: str) -> int | None:
    return parse_memory(quantities.memory, field=field) if quantities.memory else None


def _cpu(quantities: Quantities, field: str) -> int | None:
    return parse_cpu(quantities.cpu, field=field) if quantities.cpu else None
