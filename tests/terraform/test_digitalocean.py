"""terraform/digitalocean against its provider's schema, without the provider: see standin.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terraform.place import Place, make_place
from tests.terraform.standin import run_standin

pytestmark = pytest.mark.timeout(300)
MODULE = "modules/digitalocean-node"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    top = tmp_path_factory.mktemp("digitalocean")
    with run_standin(top) as environment:
        yield make_place(top, environment)


@pytest.mark.parametrize(
    "root",
    [
        "digitalocean",
        MODULE,
        *(f"digitalocean/examples/{example}" for example in ("minimal", "tls", "fleet")),
    ],
)
def test_every_root_is_valid(place: Place, root: str) -> None:
    place.init(root)
    assert "Success!" in place.must(root, "validate", "-no-color")


def test_the_module_keeps_its_own_promises(place: Place) -> None:
    place.init(MODULE)
    assert "0 failed" in place.must(MODULE, "test", "-no-color")


def test_a_misspelt_attribute_would_be_seen(place: Place, tmp_path: Path) -> None:
    wrong = make_place(tmp_path, place.environment)
    file = wrong.at(MODULE) / "main.tf"
    file.write_text(file.read_text().replace("graceful_shutdown =", "gracefull_shutdown ="))
    wrong.init(MODULE)
    ran = wrong.terraform(MODULE, "validate", "-no-color")
    assert ran.status == 1
    assert 'An argument named "gracefull_shutdown" is not expected here' in ran.said
