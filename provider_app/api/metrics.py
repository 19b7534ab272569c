"""``/metrics``, and counting what is asked."""

import re
import time

from flask import Blueprint, Flask, Response, g, request

from provider_app.api.parts import parts
from provider_app.services.metrics import CONTENT_TYPE, Answered

blueprint = Blueprint("metrics", __name__)
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return the provider's figures for Prometheus."""
    return Response(parts().metrics.render(), content_type=CONTENT_TYPE)


def count_requests(app: Flask) -> None:
    """Let an application count each request with its route, status and time."""
    app.before_request(_begin)
    app.after_request(_count)


def route_of(rule: str) -> str:
    """Return a route of Flask as OpenAPI writes it; a function's own paths are one."""
    path = _PARAMETER.sub(r"{\1}", rule)
    return "/function/{name}" if path.startswith("/function/") else path.rstrip("/")


def _begin() -> None:
    g.began = time.monotonic()


def _count(response: Response) -> Response:
    rule = request.url_rule
    answered = Answered(
        method=request.method,
        route=route_of(rule.rule) if rule is not None else "",
        status=response.status_code,
        seconds=time.monotonic() - g.began,
    )
    parts().metrics.count(answered)
    return response
