"""``/system/namespaces`` and ``/system/namespace/NAME``."""

from flask import Blueprint, Response, jsonify, request

from provider_app.api.parts import parts, read_fields
from provider_app.domain.flags import parse_flag
from provider_app.domain.namespace import check_namespace_name, parse_namespace_body

blueprint = Blueprint("namespaces", __name__)
CREATED, ACCEPTED = 201, 202


@blueprint.get("/system/namespaces")
def list_namespaces() -> Response:
    """Return the names of the namespaces for functions."""
    return jsonify(parts().namespaces.list())


@blueprint.get("/system/namespace/<name>")
def get_namespace(name: str) -> Response:
    """Return one with its labels and annotations."""
    found = parts().namespaces.get(check_namespace_name(name))
    return jsonify(
        {
            "name": found.name,
            "labels": dict(found.labels),
            "annotations": dict(found.annotations),
        }
    )


@blueprint.post("/system/namespace")
@blueprint.post("/system/namespace/<name>")
def create_namespace(name: str = "") -> tuple[str, int]:
    """Make one; its name may be in the body alone."""
    parts().namespaces.create(parse_namespace_body(read_fields(request), name))
    return "", CREATED


@blueprint.put("/system/namespace/<name>")
def update_namespace(name: str) -> tuple[str, int]:
    """Replace labels and annotations."""
    parts().namespaces.update(parse_namespace_body(read_fields(request), name))
    return "", ACCEPTED


@blueprint.delete("/system/namespace/<name>")
def remove_namespace(name: str) -> tuple[str, int]:
    """Remove one; with ``force`` also the functions in it."""
    checked = check_namespace_name(name)
    if parse_flag(request.args.get("force", ""), field="force"):
        parts().namespaces.remove_with_functions(checked)
    else:
        parts().namespaces.remove(checked)
    return "", ACCEPTED
