"""What a client asks a function to be: OpenFaaS's FunctionDeployment, parsed and checked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from faasd.base.errors import InvalidInput
from faasd.base.names import DEFAULT_FUNCTION_NAMESPACE, check_dns_label, check_secret_name
from faasd.base.quantities import parse_cpu, parse_memory
from faasd.node.domain.reference import parse_reference
from provider_app.domain.constraints import check_constraints
from provider_app.domain.fields import (
    Json,
    read_flag,
    read_map,
    read_object,
    read_text,
    read_texts,
)
from provider_app.domain.grace import read_grace
from provider_app.domain.labels import read_labels
from provider_app.domain.probe import read_probe
from provider_app.domain.scaling import read_scaling
from provider_app.domain.strategy import read_strategy

_ENV_NAME = re.compile(r"[A-Za-z_][-A-Za-z0-9_.]*")
TOLD = "com.openfaas.status."
"""Annotations that begin so are ours; `provider_app.domain.status`."""

MIN_MEMORY = 4 * 2**20
"""Bytes; the kernel and runc need that much to start anything in a cgroup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantities:
    """``limits`` or ``requests``, as they were written; empty is none."""

    memory: str = ""
    cpu: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A FunctionDeployment. Names are those of the API, in our spelling.

    Attributes:
        image: the full reference.
    """

    name: str
    namespace: str
    image: str
    process: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    constraints: Sequence[str] = ()
    secrets: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    limits: Quantities = Quantities()
    requests: Quantities = Quantities()
    read_only_root: bool = False


def parse_deployment(body: object, architecture: str) -> Deployment:
    """Read and check the body of a deploy; what it does not know it ignores, as Go clients expect.

    Args:
        body: the decoded JSON.
        architecture: the node's, for constraints.

    Raises:
        InvalidInput: a field is malformed; the error names it.
        Unsatisfiable: this node can never do what it asks.
    """
    if not isinstance(body, dict):
        raise InvalidInput("the body must be a JSON object", field="body")
    deployment = Deployment(
        name=check_dns_label(_required(body, "service"), field="service"),
        namespace=parse_namespace(read_text(body, "namespace")),
        image=parse_reference(_required(body, "image")).name,
        process=read_text(body, "envProcess"),
        env=_env(body),
        constraints=read_texts(body, "constraints"),
        secrets=_secrets(body),
        labels=read_labels(body, "labels"),
        annotations=_annotations(body),
        limits=_quantities(body, "limits"),
        requests=_quantities(body, "requests"),
        read_only_root=read_flag(body, "readOnlyRootFilesystem"),
    )
    read_scaling(deployment.labels)
    read_strategy(deployment.labels)
    read_probe(deployment.labels)
    read_grace(deployment.labels, deployment.annotations, deployment.env)
    _check_requests(deployment)
    check_constraints(deployment.constraints, architecture)
    return deployment


def parse_namespace(text: str) -> str:
    """Return a function namespace; empty is the default one.

    Raises:
        InvalidInput: it is no DNS label.
    """
    return check_dns_label(text, field="namespace") if text else DEFAULT_FUNCTION_NAMESPACE


def _required(body: Json, key: str) -> str:
    value = read_text(body, key)
    if not value:
        raise InvalidInput(f"{key} is missing", field=key)
    return value


def is_unchanged(before: Deployment, after: Deployment) -> bool:
    """Tell whether two deployments ask for the same; in which order they name things is nothing."""
    return _in_order(before) == _in_order(after)


def _in_order(deployment: Deployment) -> Deployment:
    secrets, constraints = sorted(deployment.secrets), sorted(deployment.constraints)
    return replace(deployment, secrets=tuple(secrets), constraints=tuple(constraints))


def _annotations(body: Json) -> Mapping[str, str]:
    """Read what a client adds; what it was told of a function's state it may send back."""
    annotations = read_labels(body, "annotations")
    return {name: text for name, text in annotations.items() if not name.startswith(TOLD)}


def _env(body: Json) -> Mapping[str, str]:
    env = read_map(body, "envVars")
    for name in env:
        if not _ENV_NAME.fullmatch(name):
            raise InvalidInput(
                f"envVars: {name[:80]!r} is no name of an environment variable", field="envVars"
            )
    return env


def _secrets(body: Json) -> Sequence[str]:
    names = [check_secret_name(name, field="secrets") for name in read_texts(body, "secrets")]
    return tuple(dict.fromkeys(names))


def _quantities(body: Json, key: str) -> Quantities:
    values = read_object(body.get(key), key)
    memory = read_text(values, "memory", f"{key}.memory")
    cpu = read_text(values, "cpu", f"{key}.cpu")
    if memory and parse_memory(memory, field=f"{key}.memory") < MIN_MEMORY and key == "limits":
        raise InvalidInput(
            f"{key}.memory {memory!r} is less than {MIN_MEMORY // 2**20}Mi, in which nothing runs",
            field=f"{key}.memory",
        )
    if cpu:
        parse_cpu(cpu, field=f"{key}.cpu")
    return Quantities(memory=memory, cpu=cpu)


def _check_requests(deployment: Deployment) -> None:
    for name, parse in (("memory", parse_memory), ("cpu", parse_cpu)):
        limit, request = getattr(deployment.limits, name), getattr(deployment.requests, name)
        where = f"requests.{name}"
        if limit and request and parse(request, field=where) > parse(limit, field=name):
            raise InvalidInput(f"{where} {request} is more than limits.{name} {limit}", field=where)
