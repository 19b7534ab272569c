"""docs/api.md, held to the OpenAPI document and to the tests that are there."""

import re
from collections.abc import Mapping

import pytest

from tests.unit.provider.test_openapi import ROOT, documented

PAGE = (ROOT / "docs/api.md").read_text()
ROW = re.compile(r"^\| `([A-Z]+) (/\S*)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE)
FIGURE = re.compile(r"^\| `((?:http|faasd)_\w+)` \|", re.MULTILINE)


def expected() -> Mapping[tuple[str, str], set[str]]:
    """Return the statuses of each operation; calls take any method, and answer as the function."""
    found = {}
    for (path, method), operation in documented():
        named = "ANY" if path.startswith("/function/") else method.upper()
        found[named, path] = set(operation["responses"])
    return found


def test_the_page_lists_every_operation_with_its_statuses() -> None:
    told = {
        (method, path): {"default" if s == "the function's" else s for s in statuses.split(", ")}
        for method, path, _, statuses, _ in ROWS
    }

    assert told == expected()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row[:2]))
def test_the_tests_that_prove_an_operation_are_there(row: tuple[str, ...]) -> None:
    named = re.findall(r"`([^`]+)`", row[4])

    assert named
    for name in named:
        path, _, function = name.partition("::")
        source = (ROOT / "tests" / path).read_text()
        assert re.search(rf"^def {function}\(", source, re.MULTILINE), name


def test_the_figures_on_the_page_are_those_that_are_told() -> None:
    source = (ROOT / "provider_app/services/metrics.py").read_text()
    named = set(re.findall(r'"((?:http|faasd)_\w+)"', source))

    assert {name.removesuffix("_total") for name in FIGURE.findall(PAGE)} == named
