"""What the blueprints stand on, and what they share."""

from dataclasses import dataclass
from typing import cast

from flask import Request, current_app

from faasd.base.errors import InvalidInput, TooLarge
from faasd.base.names import check_dns_label
from faasd.http.basic_auth import Login
from faasd.node.open import Node
from provider_app.domain.deployment import parse_namespace
from provider_app.domain.fields import Json, parse_json
from provider_app.domain.function import FunctionKey
from provider_app.services.cpu_times import CpuTimes
from provider_app.services.following import Following
from provider_app.services.functions import Functions
from provider_app.services.last_words import LastWords
from provider_app.services.logs import Logs
from provider_app.services.metrics import Metrics
from provider_app.services.namespaces import Namespaces
from provider_app.services.provider import Provider
from provider_app.services.proxy import Proxy
from provider_app.services.route_feed import RouteFeed
from provider_app.services.secrets import Secrets

KEY = "faasd"
MAX_BODY = 1024 * 1024
"""Bytes of a ``/system`` request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a request is answered with; `login` is None where nobody is asked for one."""

    node: Node
    functions: Functions
    proxy: Proxy
    secrets: Secrets
    last_words: LastWords
    logs: Logs
    metrics: Metrics
    namespaces: Namespaces
    routes: RouteFeed
    cpu_times: CpuTimes
    following: Following
    login: Login | None


def parts_of(provider: Provider, login: Login | None) -> Parts:
    """Return what a provider's requests are answered with."""
    return Parts(
        node=provider.node,
        functions=provider.functions,
        proxy=provider.proxy,
        secrets=provider.secrets,
        last_words=provider.last_words,
        logs=provider.logs,
        metrics=provider.metrics,
        namespaces=provider.namespaces,
        routes=provider.routes,
        cpu_times=provider.cpu_times,
        following=provider.following,
        login=login,
    )


def parts() -> Parts:
    """Return the parts of the application that answers this request."""
    return cast("Parts", current_app.extensions[KEY])


def read_key(name: str, namespace: str) -> FunctionKey:
    """Return a function by the name and the namespace of a ``/system`` request; "" is the default.

    Raises:
        InvalidInput: one of them is no name, naming the field.
    """
    return FunctionKey(
        namespace=parse_namespace(namespace), name=check_dns_label(name, field="name")
    )


def read_fields(request: Request) -> Json:
    """Return the fields of the body's JSON object, whatever its content type says.

    Raises:
        InvalidInput: it is no JSON object, or did not arrive.
        TooLarge: it is larger than `MAX_BODY`.
    """
    try:
        content = request.stream.read(MAX_BODY + 1)
    except OSError as error:
        raise InvalidInput(f"the body did not arrive: {error}", field="body") from error
    if len(content) > MAX_BODY:
        raise TooLarge(f"the body is larger than {MAX_BODY} bytes", field="body")
    fields = parse_json(content)
    if not isinstance(fields, dict):
        raise InvalidInput("the body must be a JSON object", field="body")
    return fields
