"""`/system/alert`: Alertmanager's word that a function has much to do, or no longer.

Format: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from faasd.base.errors import BadAnswer, FaasdError, InvalidInput, TooLarge
from faasd.base.names import DEFAULT_FUNCTION_NAMESPACE
from faasd.gateway.answers import text
from faasd.gateway.provider import ProviderClient

MOST_BYTES = 1 << 20
MOST_ALERTS = 1000
DEFAULT_MIN, DEFAULT_MAX, DEFAULT_FACTOR = 1, 20, 20

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One function that has too much to do (`firing`), or has not any more."""

    name: str
    namespace: str
    firing: bool

    @property
    def path(self) -> str:
        """What the function is called in the provider's paths."""
        return f"{quote(self.name, safe='')}?namespace={quote(self.namespace, safe='')}"


def parse_alerts(body: bytes) -> Sequence[Alert]:
    """Return the alerts of Alertmanager's message; each names ``NAME`` or ``NAME.NAMESPACE``.

    Raises:
        InvalidInput: it is no such message.
    """
    try:
        found = json.loads(body)["alerts"]
        return [_parse_alert(alert) for alert in found[:MOST_ALERTS]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(
            "this is no message of Alertmanager: it needs alerts, each with a status and "
            "labels.function_name",
            field="alerts",
        ) from error


def decide_replicas(status: Mapping[str, object], *, firing: bool) -> int:
    """Return how many replicas a function should have: a step more, or its least again.

    The step is `com.openfaas.scale.factor` percent of its most, at least one; 0 % is none.
    """
    labels = status.get("labels")
    labels = labels if isinstance(labels, dict) else {}
    least = _number(labels, "com.openfaas.scale.min", DEFAULT_MIN)
    if not firing:
        return least
    most = _number(labels, "com.openfaas.scale.max", DEFAULT_MAX)
    factor = _number(labels, "com.openfaas.scale.factor", DEFAULT_FACTOR)
    now = status.get("replicas")
    now = now if isinstance(now, int) else least
    return min(max(most, now), max(least, now + math.ceil(most * factor / 100)))


class Alerts:
    """Scales functions as alerts say."""

    def __init__(self, provider: ProviderClient) -> None:
        self._provider = provider

    async def take(self, request: web.Request) -> web.Response:
        """Answer 202 once each function was scaled; a function that cannot be is logged.

        Raises:
            InvalidInput: the body is no message of Alertmanager.
            TooLarge: it has more than a mebibyte.
        """
        for alert in parse_alerts(await _read(request)):
            try:
                await self._scale(alert)
            except FaasdError as error:
                log.warning("%s.%s is not scaled: %s", alert.name, alert.namespace, error)
        return text(202, "the functions are scaled")

    async def _scale(self, alert: Alert) -> None:
        answer = await self._provider.ask("GET", f"/system/function/{alert.path}")
        if answer.status != 200:  # noqa: PLR2004
            raise BadAnswer(answer.body[:200].decode(errors="replace").strip())
        status = json.loads(answer.body)
        replicas = decide_replicas(status, firing=alert.firing)
        if replicas == status["replicas"]:
            return
        wanted = {"serviceName": alert.name, "namespace": alert.namespace, "replicas": replicas}
        answer = await self._provider.ask(
            "POST", f"/system/scale-function/{alert.path}", body=json.dumps(wanted).encode()
        )
        log.info("an alert scales %s to %d: %d", alert.name, replicas, answer.status)


def _parse_alert(alert: Mapping[str, object]) -> Alert:
    labels = alert["labels"]
    if not isinstance(labels, dict):
        raise TypeError(labels)
    function = labels["function_name"]
    name, _, namespace = str(function).partition(".")
    return Alert(
        name=name,
        namespace=namespace or DEFAULT_FUNCTION_NAMESPACE,
        firing=alert["status"] == "firing",
    )


def _number(labels: Mapping[str, object], name: str, default: int) -> int:
    text = str(labels.get(name, ""))
    return int(text) if text.isascii() and text.isdecimal() else default


async def _read(request: web.Request) -> bytes:
    body = bytearray()
    while piece := await request.content.readany():
        body += piece
        if len(body) > MOST_BYTES:
            raise TooLarge("a message of Alertmanager has at most 1 MiB here")
    return bytes(body)
