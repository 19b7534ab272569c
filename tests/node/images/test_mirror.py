"""A pull-through mirror of docker.io: another registry that fetches what it lacks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from faasd.base.errors import FaasdError
from faasd.node.adapters.images.source import SkopeoImages
from faasd.node.domain.settings import NodeSettings
from tests.machine.processes import wait_until
from tests.machine.registry import CONFIG, Registry
from tests.node.images.place import AMD64, nothing
from tests.node.images.secured import serving

ADDRESS = "127.0.0.1:5081"
NAME = "docker.io/library/serve:1"
CONF = """\
[[registry]]
location = "docker.io"
[[registry.mirror]]
location = "{address}"
insecure = true
"""


@pytest.fixture
def mirror(registry: Registry, tmp_path: Path) -> Iterator[Path]:
    """Run one; give the directory of what it keeps."""
    kept = tmp_path / "kept"
    config = tmp_path / "mirror.yml"
    proxy = f'proxy: {{remoteurl: "http://{registry.address}"}}\n'
    config.write_text(CONFIG.format(root=kept, address=ADDRESS) + proxy)
    with serving(config):
        wait_until(Registry(kept, address=ADDRESS)._answers, 20, "the mirror")
        yield kept


def source(directory: Path) -> SkopeoImages:
    conf = directory / "registries.conf"
    conf.write_text(CONF.format(address=ADDRESS))
    return SkopeoImages(NodeSettings(state_dir=str(directory / "state"), registries_conf=str(conf)))


def test_an_image_of_docker_hub_comes_through_the_mirror_and_stays_there(
    mirror: Path, tmp_path: Path
) -> None:
    images = source(tmp_path)

    layout = images.fetch(images.resolve(NAME, AMD64), nothing)
    images.discard(layout)

    assert layout.name == NAME
    assert layout.config.entrypoint == ("/bin/serve",)
    assert (mirror / "docker/registry/v2/repositories/library/serve").is_dir()


def test_without_mirror_and_docker_hub_the_image_is_out_of_reach(tmp_path: Path) -> None:
    with pytest.raises(FaasdError, match=r"docker\.io/library/serve:1"):
        source(tmp_path).resolve(NAME, AMD64)
