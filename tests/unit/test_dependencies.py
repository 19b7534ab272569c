"""What the package asks Debian and pip for is what its code imports."""

import re
import tomllib
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
MODULES = {"grpcio": "grpc", "protobuf": "google.protobuf", "pyyaml": "yaml"}
"""Where the name is another than that of what is imported."""


def _declared() -> list[str]:
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    python = [re.split("[<>=~]", one)[0] for one in project["dependencies"]]
    control = (TOP / "distro/debian/control").read_text()
    depends = control.partition("\nDepends:\n")[2].partition("\nRecommends:")[0]
    return sorted({*python, *re.findall(r"^ python3-([a-z0-9-]+)", depends, re.MULTILINE)})


@pytest.fixture(scope="module")
def code() -> str:
    files = [file for top in ("distro", "provider_app") for file in (TOP / top).rglob("*.py")]
    return "\n".join(file.read_text() for file in files)


@pytest.mark.parametrize("name", _declared())
def test_nothing_is_asked_for_that_no_module_imports(code: str, name: str) -> None:
    module = MODULES.get(name, name.replace("-", "_"))
    assert re.search(rf"^\s*(import|from) {re.escape(module)}\b", code, re.MULTILINE)
