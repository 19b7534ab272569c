"""A namespace for functions, as clients see it: OpenFaaS's FunctionNamespace."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from faasd.base.errors import InvalidInput
from faasd.base.names import check_dns_label
from provider_app.domain.fields import Json, read_text
from provider_app.domain.labels import read_labels

MANAGED = "openfaas"
"""The label of containerd's namespaces that are for functions; others are never touched."""

RESERVED = "containerd.io/"
"""Labels that tell containerd how to run a namespace: not for clients to see or set."""

MAX_LABEL_SIZE = 4096
"""Bytes of a label's name and value together; containerd keeps no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """A namespace for functions.

    Attributes:
        labels: kept by containerd; `MANAGED` is always among them.
        annotations: kept by the provider.
    """

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


def parse_namespace_body(body: Json, path_name: str) -> Namespace:
    """Read the body of a create or an update.

    Args:
        body: its fields.
        path_name: the name in the path; empty where it is in the body alone.

    Raises:
        InvalidInput: a field is malformed; the error names it.
    """
    named = read_text(body, "name")
    if named and path_name and named != path_name:
        raise InvalidInput(
            f"name {named[:80]!r} is not {path_name[:80]!r}, of the path", field="name"
        )
    labels = read_labels(body, "labels")
    for key, value in labels.items():
        _check_label(key, value)
    return Namespace(
        name=check_namespace_name(path_name or named),
        labels={MANAGED: "true", **labels},
        annotations=read_labels(body, "annotations"),
    )


def check_namespace_name(text: str) -> str:
    """Return the name of a namespace.

    Raises:
        InvalidInput: it is no DNS label, or one that containerd does not take.
    """
    name = check_dns_label(text, field="name")
    if "--" in name:
        raise InvalidInput(
            f"name {name!r} must not have two '-' in a row, which containerd does not take",
            field="name",
        )
    return name


def _check_label(name: str, value: str) -> None:
    where = f'labels["{name[:80]}"]'
    if name.startswith(RESERVED):
        raise InvalidInput(f"{where} is containerd's own: it cannot be set", field="labels")
    if not value:
        raise InvalidInput(
            f"{where} must not be empty: containerd keeps no such label", field="labels"
        )
    if len(name.encode()) + len(value.encode()) > MAX_LABEL_SIZE:
        raise InvalidInput(
            f"{where} is larger than {MAX_LABEL_SIZE} bytes, name and value together",
            field="labels",
        )
