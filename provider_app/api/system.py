"""``/system/info``, ``/system/openapi.json`` and ``/healthz``."""

from importlib.resources import files

from flask import Blueprint, Response, jsonify

from faasd.base.version import VERSION, find_commit
from provider_app.api.parts import parts

blueprint = Blueprint("system", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer, if containerd does."""
    parts().node.machine.version()
    return Response("OK", content_type="text/plain")


@blueprint.get("/system/openapi.json")
def openapi() -> Response:
    """Return the document of this API, in OpenAPI 3.1."""
    document = files("provider_app").joinpath("assets", "openapi.json").read_bytes()
    return Response(document, content_type="application/json")


@blueprint.get("/system/info")
def info() -> Response:
    """Return what this node is, as OpenFaaS's clients print it, and its budget of memory."""
    node = parts().node
    version = {"sha": find_commit(), "release": VERSION}
    return jsonify(
        {
            "provider": {"provider": "faasd", "orchestration": "containerd", "version": version},
            "version": {**version, "commit_message": ""},
            "arch": node.machine.platform().architecture,
            "memory": _memory(),
        }
    )


def _memory() -> dict[str, int]:
    use = parts().functions.room.use()
    return {
        "totalBytes": use.budget.total,
        "reservedBytes": use.budget.reserve,
        "requestedBytes": use.requested,
    }
