"""The node under test, and what each test makes there."""

import os
from collections.abc import Iterator

import pytest

from tests.conformance.client import Client
from tests.conformance.scene import Function, Scene
from tests.conformance.settings import Settings, read_settings

GIVEN = read_settings(os.environ)
collect_ignore = [] if GIVEN.has_async else ["test_async.py"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not GIVEN.url and "/conformance/" in str(item.path):
            item.add_marker(pytest.mark.containerd)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The node that OPENFAAS_URL names, or one that is started here."""
    if GIVEN.url:
        yield GIVEN
        return
    from tests.conformance.node import own_node  # noqa: PLC0415  # of no use elsewhere

    with own_node(tmp_path_factory.mktemp("conformance"), GIVEN) as found:
        yield found


@pytest.fixture(scope="session")
def client(settings: Settings) -> Client:
    """A caller with the login."""
    return Client(settings.url, f"{settings.user}:{settings.password}")


@pytest.fixture(scope="session")
def stranger(settings: Settings) -> Client:
    """A caller without."""
    return Client(settings.url)


@pytest.fixture
def scene(client: Client, settings: Settings) -> Iterator[Scene]:
    """What the test makes; it is gone afterwards."""
    made = Scene(client, settings)
    yield made
    made.close()


@pytest.fixture(scope="module")
def echo(client: Client, settings: Settings) -> Iterator[Function]:
    """A function, shared by the tests of a module, that answers what it is sent."""
    made = Scene(client, settings)
    try:
        yield made.function("echo")
    finally:
        made.close()
