"""The API as it is documented, asked by schemathesis: no 500, and no answer it does not document.

Bounded: so many cases for each operation, on the in-memory machine. FAASD_FUZZ_CASES asks for more.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzz.conftest import ANSWERS
from tests.unit.provider.running import AUTHORIZATION, RunningProvider, running_provider

DOCUMENT = Path(__file__).parents[2] / "provider_app/assets/openapi.json"
CASES = int(os.environ.get("FAASD_FUZZ_CASES", "25"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
WITHOUT_END = "/system/routes"
"""It is not asked: it goes on until the caller leaves. Nor are logs followed."""

FOLLOWED = ("true", "1", "t", "T", "True", "TRUE")


@pytest.fixture
def fuzzed(tmp_path: Path) -> Iterator[RunningProvider]:
    """A provider with something of everything, so that not all is 404."""
    for provider in running_provider(tmp_path):
        provider.client.post("/system/secrets", json={"name": "key", "value": "x"})
        provider.client.post("/system/namespace/staging", json={})
        provider.deploy_ready("echo", secrets=["key"], limits={"memory": "64Mi"})
        provider.world.print("openfaas-fn", "echo", "echo.1.0", "a line")
        yield provider


@pytest.fixture
def api(fuzzed: RunningProvider) -> BaseSchema:
    """The document, as the provider serves it."""
    headers = {"Authorization": AUTHORIZATION}
    app = fuzzed.client.application
    document = schemathesis.openapi.from_wsgi("/system/openapi.json", app, headers=headers)
    return document.exclude(tag="gateway").exclude(path=WITHOUT_END)


def asked() -> Iterator[tuple[str, str, GenerationMode]]:
    """Yield what is asked: path, method, and whether as documented or against it."""
    for path, item in json.loads(DOCUMENT.read_text())["paths"].items():
        for method, operation in item.items():
            if method == "servers" or "gateway" in operation["tags"] or path == WITHOUT_END:
                continue
            yield path, method.upper(), GenerationMode.POSITIVE
            if "parameters" in operation or "requestBody" in operation:
                yield path, method.upper(), GenerationMode.NEGATIVE


@pytest.mark.parametrize(("path", "method", "mode"), list(asked()))
def test_whatever_is_asked_is_answered_as_documented(
    api: BaseSchema, path: str, method: str, mode: GenerationMode
) -> None:
    operation = api[path][method]

    @settings(
        max_examples=CASES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case[Any]) -> None:
        if case.query and str(case.query.get("follow")) in FOLLOWED:
            case.query["follow"] = "false"
        answer = case.call(headers={"Authorization": AUTHORIZATION})
        ANSWERS[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    ask()
