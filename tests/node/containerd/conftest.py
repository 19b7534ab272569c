"""The adapters on the tests' own containerd; each test has a namespace of its own."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from faasd.node.adapters.containerd.client import ContainerdClient, connect
from tests.machine.containerd import PrivateContainerd
from tests.node.containerd.layouts import Writer
from tests.node.containerd.place import Place

_numbers = count()


@pytest.fixture
def client(containerd: PrivateContainerd) -> Iterator[ContainerdClient]:
    """All adapters over one connection."""
    connected = connect(str(containerd.socket), "overlayfs")
    yield connected
    connected.events.close()
    connected.machine.close()


@pytest.fixture
def place(
    client: ContainerdClient, containerd: PrivateContainerd, tmp_path: Path
) -> Iterator[Place]:
    """An empty namespace, which must be empty again at the end."""
    namespace = f"place-{next(_numbers)}"
    client.namespaces.ensure(namespace, {})
    made = Place(namespace, client, containerd, Writer(tmp_path, client.machine.platform()))
    yield made
    made.close()
