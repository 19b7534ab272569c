"""``/system/routes``, ``/system/cpu``, ``/system/awaken/NAME``: what the gateway asks for."""

from flask import Blueprint, Response, jsonify, request

from faasd.base.names import check_dns_label
from provider_app.api.parts import parts
from provider_app.domain.deployment import parse_namespace
from provider_app.domain.function import FunctionKey

blueprint = Blueprint("routes", __name__)
ACCEPTED = 202
NDJSON = "application/x-ndjson"


@blueprint.get("/system/routes")
def follow_routes() -> Response:
    """Stream a line for each function, and then one for each that changes."""
    return Response(parts().routes.follow(), content_type=NDJSON)


@blueprint.get("/system/cpu")
def tell_cpu() -> Response:
    """Return how long replicas of functions that are scaled by it had the processor."""
    return jsonify(parts().cpu_times.read())


@blueprint.post("/system/awaken/<name>")
def awaken(name: str) -> tuple[str, int]:
    """Let a function that is asleep run again, and wait for nothing."""
    namespace = parse_namespace(request.args.get("namespace", ""))
    key = FunctionKey(namespace=namespace, name=check_dns_label(name, field="name"))
    parts().functions.awaken(key)
    return "", ACCEPTED
