"""A stack.yml, as faas-cli writes it: which functions it names, as the API takes them."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import yaml

from faasd.base.errors import InvalidInput
from provider_app.domain.deployment import parse_deployment

Json = Mapping[str, object]

_SAME = ("image", "namespace", "labels", "annotations", "secrets", "constraints")
_RENAMED = {
    "environment": "envVars",
    "fprocess": "envProcess",
    "readonly_root_filesystem": "readOnlyRootFilesystem",
}
_FOR_BUILDING = ("lang", "handler", "build_args", "build_options", "skip_build", "platforms")
_QUANTITIES = ("limits", "requests")
_VARIABLE = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StackFunction:
    """One function of a stack.

    Attributes:
        image: its full reference.
        body: what deploys it, as ``POST /system/functions`` takes it.
    """

    name: str
    namespace: str
    image: str
    body: str


def parse_stack(text: str, architecture: str) -> Sequence[StackFunction]:
    """Return the functions of a stack, each checked as a node checks a deployment.

    Raises:
        InvalidInput: it is no stack, has no function, or one has what a node does not understand.
        Unsatisfiable: no node of this architecture can run one of them.
    """
    if found := _VARIABLE.search(text):
        raise InvalidInput(f"the stack has {found[0]}: write its value, nobody here knows it")
    functions = _object(_load(text), "the stack").get("functions")
    listed = _object(functions, "functions of the stack")
    if not listed:
        raise InvalidInput("the stack has no functions")
    return [_parse(name, one, architecture) for name, one in listed.items()]


def _parse(name: str, found: object, architecture: str) -> StackFunction:
    written = _object(found, f"function {name} of the stack")
    if "environment_file" in written or "configuration" in written:
        raise InvalidInput(f"function {name} of the stack: write its variables under environment")
    body = _body(name, written)
    deployment = parse_deployment(body, architecture)
    return StackFunction(
        name=deployment.name,
        namespace=deployment.namespace,
        image=deployment.image,
        body=json.dumps(body),
    )


def _body(name: str, written: Json) -> Json:
    known = {*_SAME, *_RENAMED, *_QUANTITIES, *_FOR_BUILDING}
    if unknown := sorted(set(written) - known):
        raise InvalidInput(f"function {name} of the stack: unknown: {', '.join(unknown)}")
    body: dict[str, object] = {"service": name}
    body |= {key: written[key] for key in _SAME if written.get(key)}
    body |= {new: written[old] for old, new in _RENAMED.items() if written.get(old)}
    body |= {key: _texts(written[key]) for key in _QUANTITIES if written.get(key)}
    for key in ("envVars", "labels", "annotations"):
        if key in body:
            body[key] = _texts(body[key])
    return body


def _texts(found: object) -> Json:
    """Return a map's values as texts; ``timeout: 10`` and ``on: true`` are others in YAML."""
    pairs = _object(found, "what has names and values").items()
    return {key: _text(value) for key, value in pairs}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _object(found: object, what: str) -> Json:
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise InvalidInput(f"{what} must be a mapping of names")
    return cast("Json", found)


def _load(text: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidInput(f"the stack is no YAML: {' '.join(str(error).split())}") from None
