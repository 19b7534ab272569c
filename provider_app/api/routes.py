"""What the gateway asks for: ``/system/routes``, ``cpu``, ``awaken/NAME``, ``follow-load/NAME``."""

from flask import Blueprint, Response, jsonify, request

from provider_app.api.parts import parts, read_fields, read_key
from provider_app.domain.fields import read_number, read_object
from provider_app.domain.function import Seen

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
def awaken(name: str) -> tuple[Response | str, int]:
    """Let a function that is asleep run again, and wait for no start.

    Where it was frozen it runs already, and the answer says at which addresses.
    """
    addresses = parts().functions.awaken(read_key(name, request.args.get("namespace", "")))
    return jsonify({"available": sorted(addresses)}) if addresses else "", ACCEPTED


@blueprint.post("/system/follow-load/<name>")
def follow_load(name: str) -> tuple[Response, int]:
    """Set how many replicas a load asks for, or as many as fit, if all is still as it was seen."""
    body = read_fields(request)
    told = read_object(body.get("seen"), "seen")
    seen = Seen(generation=read_number(told, "generation"), replicas=read_number(told, "replicas"))
    wanted = parts().following.scale(
        read_key(name, request.args.get("namespace", "")), read_number(body, "replicas"), seen
    )
    return jsonify({"replicas": wanted}), ACCEPTED
