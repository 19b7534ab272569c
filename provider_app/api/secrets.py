"""``/system/secrets``. Values go in, never out."""

import base64
import binascii

from flask import Blueprint, Response, jsonify, request

from faasd.base.errors import InvalidInput, TooLarge
from faasd.base.names import check_secret_name
from provider_app.api.parts import parts, read_fields
from provider_app.domain.deployment import parse_namespace
from provider_app.domain.fields import Json, read_text

blueprint = Blueprint("secrets", __name__)
CREATED, ACCEPTED = 201, 202
MAX_VALUE = 512 * 1024
"""Bytes of a secret: each replica that uses it has a copy in memory."""


@blueprint.get("/system/secrets")
def list_secrets() -> Response:
    """Return the names of a namespace's secrets."""
    namespace = parse_namespace(request.args.get("namespace", ""))
    parts().namespaces.check(namespace)
    names = parts().secrets.list(namespace)
    return jsonify([{"name": name, "namespace": namespace} for name in names])


@blueprint.post("/system/secrets")
def create_secret() -> tuple[str, int]:
    """Store a new secret."""
    body = read_fields(request)
    namespace, name, value = _namespace(body), _name(body), _value(body)
    parts().namespaces.check(namespace)
    parts().secrets.create(namespace, name, value)
    return "", CREATED


@blueprint.put("/system/secrets")
def update_secret() -> tuple[str, int]:
    """Replace a secret's value."""
    body = read_fields(request)
    parts().secrets.update(_namespace(body), _name(body), _value(body))
    return "", ACCEPTED


@blueprint.delete("/system/secrets")
def remove_secret() -> tuple[str, int]:
    """Remove a secret that no function uses."""
    body = read_fields(request)
    parts().secrets.remove(_namespace(body), _name(body))
    return "", ACCEPTED


def _namespace(body: Json) -> str:
    return parse_namespace(read_text(body, "namespace") or request.args.get("namespace", ""))


def _name(body: Json) -> str:
    return check_secret_name(read_text(body, "name"), field="name")


def _value(body: Json) -> bytes:
    """Return the bytes of ``rawValue`` (base64), else of ``value`` (text)."""
    raw = body.get("rawValue")
    field = "value" if raw is None or raw == "" else "rawValue"
    value = _text_value(body.get("value")) if field == "value" else _raw_value(raw)
    if len(value) > MAX_VALUE:
        raise TooLarge(f"{field} is larger than {MAX_VALUE} bytes", field=field)
    return value


def _text_value(value: object) -> bytes:
    if not isinstance(value, str):
        raise InvalidInput("value must be a string, or rawValue base64", field="value")
    try:
        return value.encode()
    except UnicodeEncodeError:  # Half of a surrogate pair. Its sentence would show the value.
        raise InvalidInput("value is no text that UTF-8 can write", field="value") from None


def _raw_value(raw: object) -> bytes:
    if not isinstance(raw, str):
        raise InvalidInput("rawValue must be a string of base64", field="rawValue")
    try:
        return base64.b64decode(raw, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(f"rawValue is no base64: {error}", field="rawValue") from error
