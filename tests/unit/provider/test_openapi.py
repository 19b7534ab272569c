"""The document of the API, held to the routes, the statuses and the page that are there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from faasd.base.version import VERSION
from faasd.http.statuses import STATUSES
from provider_app.api.metrics import route_of
from tests.unit.provider.running import RunningProvider, json_of

ROOT = Path(__file__).parents[3]
DOCUMENT: dict[str, Any] = json.loads((ROOT / "provider_app/assets/openapi.json").read_text())
METHODS = ("get", "head", "post", "put", "patch", "delete", "options", "trace")
IMPLIED = ("HEAD", "OPTIONS")
"""Methods that Flask adds to a route of its own accord."""

Operation = tuple[str, str]


def documented() -> Iterator[tuple[Operation, dict[str, Any]]]:
    """Yield (path, method) and what the document says of it."""
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                yield (path, method), item[method]


def served(provider: RunningProvider) -> set[Operation]:
    found = set()
    for rule in provider.client.application.url_map.iter_rules():
        methods = set(rule.methods or ()) - (set() if _is_call(rule.rule) else set(IMPLIED))
        path = "/function/{name}/{path}" if "any_path" in rule.rule else route_of(rule.rule)
        found |= {(path, method.lower()) for method in methods}
    return found


def _is_call(rule: str) -> bool:
    return rule.startswith("/function/")


def test_it_is_served_as_it_is_and_not_without_the_login(provider: RunningProvider) -> None:
    assert json_of(provider.client.get("/system/openapi.json")) == DOCUMENT
    refused = provider.client.get("/system/openapi.json", headers={"Authorization": ""})
    assert refused.status_code == 401


def test_every_route_is_in_it_and_every_operation_in_it_is_a_route(
    provider: RunningProvider,
) -> None:
    of_the_gateway = {key for key, operation in documented() if "gateway" in operation["tags"]}

    assert {key for key, _ in documented()} - of_the_gateway == served(provider)
    assert of_the_gateway == {
        ("/async-function/{name}", "post"),
        ("/async-function/{name}/{path}", "post"),
        ("/system/alert", "post"),
    }


def test_it_is_of_this_version() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    assert DOCUMENT["info"]["version"] == VERSION


def test_each_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for _, operation in documented()]

    assert len(names) == len(set(names))


@pytest.mark.parametrize(("key", "operation"), list(documented()), ids=str)
def test_an_operation_says_how_it_fails(key: Operation, operation: dict[str, Any]) -> None:
    path, _ = key
    statuses = {int(status) for status in operation["responses"] if status.isdecimal()}

    assert statuses <= {200, 201, 202, *STATUSES.values()}
    assert (401 in statuses) == path.startswith("/system/")
    assert ("security" in operation) != path.startswith("/system/")
    has_input = bool(operation.get("parameters") or operation.get("requestBody"))
    assert (400 in statuses) == has_input
    assert bool(re.findall(r"\{(\w+)\}", path)) <= (404 in statuses or 409 in statuses)
    if "requestBody" in operation and path.startswith("/system/"):
        assert 413 in statuses


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    text = json.dumps(DOCUMENT)
    used = set(re.findall(r'"#/components/(\w+/\w+)"', text))
    there = {
        f"{kind}/{name}"
        for kind in ("schemas", "responses", "parameters")
        for name in DOCUMENT["components"][kind]
    }

    assert used == there
