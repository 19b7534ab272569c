"""``/function/NAME[.NAMESPACE][/path]``: calls a function."""

import re
import time
import uuid

from flask import Blueprint, Response, request

from faasd.base.names import DEFAULT_FUNCTION_NAMESPACE, check_dns_label
from provider_app.api.parts import parts
from provider_app.domain.forwarding import CALL_ID, Call, pick_call_id
from provider_app.domain.function import FunctionKey
from provider_app.services.proxy import Request

blueprint = Blueprint("invoke", __name__)
_PREFIX = re.compile(r"^(?:[a-z]+://[^/]*)?/[^/]+/[^/]+", re.IGNORECASE)
"""``/function/NAME``, of which the caller may have escaped some characters."""

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


@blueprint.route("/function/<name>", methods=METHODS, provide_automatic_options=False)
@blueprint.route("/function/<name>/", methods=METHODS, provide_automatic_options=False)
@blueprint.route("/function/<name>/<any_path:_>", methods=METHODS, provide_automatic_options=False)
def invoke(name: str, _: str = "") -> Response:
    """Pass the request on to a replica, with its path as it was written, and the answer back."""
    call = Call(
        id=pick_call_id(request.headers.get(CALL_ID), str(uuid.uuid4())),
        start=time.time_ns(),
        caller=request.remote_addr or "",
        host=request.headers.get("Host", ""),
    )
    answer = parts().proxy.call(_key(name), _request(), call)
    response = Response(
        answer.body,
        status=f"{answer.status} {answer.reason}",
        headers=list(answer.headers),
        direct_passthrough=True,
    )
    if not any(header.lower() == "content-type" for header, _ in answer.headers):
        del response.headers["Content-Type"]
    return response


def _key(name: str) -> FunctionKey:
    function, _, namespace = name.partition(".")
    return FunctionKey(
        namespace=check_dns_label(namespace or DEFAULT_FUNCTION_NAMESPACE, field="namespace"),
        name=check_dns_label(function, field="name"),
    )


def _request() -> Request:
    length = request.content_length
    has_body = bool(length) or request.headers.get("Transfer-Encoding", "") != ""
    return Request(
        method=request.method,
        target=_target(),
        headers=list(request.headers.items()),
        body=request.stream if has_body else None,
        length=length,
    )


def _target() -> str:
    """Return path and query as the caller wrote them, without ``/function/NAME``."""
    raw = str(request.environ.get("RAW_URI") or request.full_path.rstrip("?"))
    path, mark, query = raw.partition("?")
    return (_PREFIX.sub("", path, count=1) or "/") + mark + query
