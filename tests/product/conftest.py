"""One node for all of these tests; each leaves no function behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.client import Client
from tests.machine.processes import no_thread_left, wait_until
from tests.product.place import ECHO, STATIC, Product
from tests.programs.archive import make_archive


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/product/" in str(item.path):
            item.add_marker(pytest.mark.containerd)


@pytest.fixture(autouse=True)
def leaves_nothing_behind() -> Iterator[None]:
    """Core services come and go with the node; a test's own threads and functions may not stay."""
    with no_thread_left():
        yield


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A node with all of its core services."""
    made = Product(tmp_path_factory.mktemp("product"))
    made.registry.start()
    try:
        made.prepare()
        yield made
    finally:
        made.stop()


@pytest.fixture
def front(product: Product) -> Iterator[Client]:
    """A caller of the front door; what a test broke is mended before, its functions go after."""
    product.mend()
    product.wait_up()
    client = product.front()
    yield client
    product.mend()
    product.wait_up()
    for name in client.names():
        assert client.delete(name).status in (200, 202)
    wait_until(lambda: not containers(product), 60, "no container of a function left")


def containers(product: Product) -> list[str]:
    return product.containerd.ctr("containers", "ls", "-q").split()


@pytest.fixture
def static(front: Client) -> str:
    """The static server as a function that is ready."""
    front.deploy("static", STATIC)
    front.wait_answers("static", 20)
    return "static"


@pytest.fixture
def echo(front: Client) -> str:
    """The sample function, ready."""
    front.deploy("echo", ECHO)
    front.wait_answers("echo", 20)
    return "echo"


@pytest.fixture
def talker(product: Product, front: Client, tmp_path: Path) -> str:
    """A function, ready, that prints a line when it starts."""
    name = "docker.io/library/serve:latest"
    make_archive(tmp_path / "serve.tar", ("serve",), (name,))
    image = product.registry.push(tmp_path / "serve.tar", name, "serve:1")
    front.deploy("talker", image)
    front.wait_answers("talker", 20)
    return "talker"
