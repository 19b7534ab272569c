from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from faasd.node.open import Node
from tests.machine.node import RealMachine
from tests.node.isolation.shell import Shell, load_image


@pytest.fixture(scope="session")
def shell_image(machine: RealMachine, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The image with busybox is on the node."""
    with closing(machine.open()) as node:
        load_image(node, tmp_path_factory.mktemp("echo"))


@pytest.fixture
def shell(node: Node, shell_image: None, tmp_path: Path) -> Iterator[Shell]:
    """Scripts in containers."""
    del shell_image
    yield Shell(node, tmp_path)
    assert node.workloads.list("openfaas-fn") == []
