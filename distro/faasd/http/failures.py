"""Errors as answers: one sentence of text."""

import logging
import uuid

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from faasd.base.errors import FaasdError, Unauthorized
from faasd.http.basic_auth import REALM
from faasd.http.statuses import RETRY_AFTER, status_of

log = logging.getLogger(__name__)


def answer_failures(app: Flask) -> None:
    """Let an application answer every error by its status and a sentence, never a traceback."""
    app.register_error_handler(FaasdError, _answer_known)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_unknown)


def _answer_known(error: FaasdError) -> Response:
    status = status_of(error)
    response = _text(str(error), status)
    if isinstance(error, Unauthorized):
        response.headers["WWW-Authenticate"] = REALM
    if status in RETRY_AFTER:
        response.headers["Retry-After"] = RETRY_AFTER[status]
    return response


def _answer_http(error: HTTPException) -> Response:
    response = _text(f"{error.name}: {error.description}", error.code or 500)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _answer_unknown(error: Exception) -> Response:
    incident = uuid.uuid4()
    log.error("incident %s", incident, exc_info=error)
    return _text(f"something went wrong here; the log knows more, incident {incident}", 500)


def _text(sentence: str, status: int) -> Response:
    return Response(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")
