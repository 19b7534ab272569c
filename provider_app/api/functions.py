"""``/system/functions``, ``/system/function/NAME`` and ``/system/scale-function/NAME``."""

from datetime import datetime

from flask import Blueprint, Response, jsonify, request

from faasd.base.errors import InvalidInput
from faasd.base.names import check_dns_label
from provider_app.api.parts import parts, read_fields, read_key
from provider_app.domain.deployment import (
    Deployment,
    Quantities,
    parse_deployment,
    parse_namespace,
)
from provider_app.domain.fields import Json, read_number, read_text
from provider_app.domain.flags import parse_flag
from provider_app.domain.function import FunctionKey
from provider_app.services.views import FunctionView

blueprint = Blueprint("functions", __name__)
ACCEPTED = 202


@blueprint.get("/system/functions")
def list_functions() -> Response:
    """Return the FunctionStatus of every function of a namespace."""
    namespace = parse_namespace(request.args.get("namespace", ""))
    parts().namespaces.check(namespace)
    return jsonify([_status(view) for view in parts().functions.list(namespace)])


@blueprint.post("/system/functions")
def deploy_function() -> tuple[str, int]:
    """Deploy, in place of a function of the same name."""
    parts().functions.deploy(_read_deployment())
    return "", ACCEPTED


@blueprint.put("/system/functions")
def update_function() -> tuple[str, int]:
    """Deploy in place of a function that must be there."""
    parts().functions.update(_read_deployment())
    return "", ACCEPTED


@blueprint.delete("/system/functions")
def remove_function() -> tuple[str, int]:
    """Remove a function."""
    body = read_fields(request)
    name = check_dns_label(read_text(body, "functionName"), field="functionName")
    parts().functions.remove(FunctionKey(namespace=_namespace(body), name=name))
    return "", ACCEPTED


@blueprint.get("/system/function/<name>")
def describe_function(name: str) -> Response:
    """Return the FunctionStatus of one function; with ``usage`` what it uses, too.

    One that fails is shown with the last lines that it printed.
    """
    key = read_key(name, request.args.get("namespace", ""))
    functions, last_words = parts().functions, parts().last_words
    if parse_flag(request.args.get("usage", ""), field="usage"):
        view = functions.measure(key)
        usage = {"cpu": view.cpu, "totalMemoryBytes": view.memory}
        return jsonify({**_status(last_words.add(view)), "usage": usage})
    return jsonify(_status(last_words.add(functions.describe(key))))


@blueprint.post("/system/scale-function/<name>")
def scale_function(name: str) -> tuple[str, int]:
    """Set how many replicas a function shall have."""
    body = read_fields(request)
    replicas = read_number(body, "replicas")
    named = read_text(body, "serviceName")
    if named and named != name:
        raise InvalidInput(
            f"serviceName {named[:80]!r} is not {name[:80]!r}, of the path", field="serviceName"
        )
    parts().functions.scale(read_key(name, _namespace(body)), replicas)
    return "", ACCEPTED


def _read_deployment() -> Deployment:
    body = read_fields(request)
    if not body.get("namespace"):
        body = {**body, "namespace": request.args.get("namespace", "")}
    return parse_deployment(body, parts().node.machine.platform().architecture)


def _namespace(body: Json) -> str:
    return parse_namespace(read_text(body, "namespace") or request.args.get("namespace", ""))


def _status(view: FunctionView) -> dict[str, object]:
    """Return a FunctionStatus as OpenFaaS's API has it; what a client left out is left out."""
    deployment = view.function.deployment
    optional: dict[str, object] = {
        "envProcess": deployment.process,
        "envVars": dict(deployment.env),
        "constraints": list(deployment.constraints),
        "secrets": list(deployment.secrets),
        "limits": _quantities(deployment.limits),
        "requests": _quantities(deployment.requests),
        "readOnlyRootFilesystem": deployment.read_only_root,
    }
    return {
        "name": deployment.name,
        "namespace": deployment.namespace,
        "image": deployment.image,
        "labels": dict(deployment.labels),
        "annotations": {**deployment.annotations, **view.state.annotations},
        "invocationCount": 0,
        "replicas": view.function.replicas,
        "availableReplicas": view.state.available,
        "createdAt": _rfc3339(view.function.created_at),
        **{key: value for key, value in optional.items() if value},
    }


def _quantities(quantities: Quantities) -> dict[str, str]:
    pairs = {"memory": quantities.memory, "cpu": quantities.cpu}
    return {key: value for key, value in pairs.items() if value}


def _rfc3339(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")
