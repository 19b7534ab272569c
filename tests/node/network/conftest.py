import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from faasd.node.adapters.cni.networks import CniNetworks
from faasd.node.domain.settings import NodeSettings
from tests.machine.processes import require_sandbox
from tests.node.network.place import write


@pytest.fixture
def settings(tmp_path: Path) -> NodeSettings:
    require_sandbox()
    return write(tmp_path, subnet="10.62.240.0/24")


@pytest.fixture
def networks(settings: NodeSettings) -> Iterator[CniNetworks]:
    made = CniNetworks(settings)
    made.prepare()
    yield made
    for network in made.list():
        made.detach(network.namespace, network.container)
    assert made.list() == []
    subprocess.run(["ip", "link", "delete", "fdtest0"], check=True)
    subprocess.run(["umount", "-l", f"{settings.run_dir}/netns"], check=True)
