"""AWS's API on loopback (moto), and one whole life of a node there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terraform.cloud import Cloud, run_cloud
from tests.terraform.life import Life, live
from tests.terraform.place import Place, make_place


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make_place(tmp_path_factory.mktemp("place"))


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with run_cloud(tmp_path_factory.mktemp("cloud")) as running:
        yield running


@pytest.fixture(scope="session")
def life(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Applied, looked at, changed, destroyed: once, since each wait of the provider is real."""
    return live(cloud, Path(tmp_path_factory.mktemp("life")))
