"""A registry that asks for a login (basic authentication, user u, password secret)."""

import base64
import json
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from faasd.base.errors import Unsatisfiable
from tests.machine.processes import wait_until
from tests.machine.registry import CONFIG, Registry
from tests.node.images.place import AMD64, Place, nothing

HTPASSWD = "u:$2b$04$LwjTCBq.1nUiUOKUFmggG.tgmHhgahT09nkgxvNtdWzwqGzZR1Nzq\n"
AUTH = "auth: {{htpasswd: {{realm: private, path: {path}}}}}\n"
ADDRESS = "127.0.0.1:5078"
NAME = f"{ADDRESS}/library/serve:1"


@pytest.fixture
def private(registry: Registry, tmp_path: Path) -> Iterator[Place]:
    """The same images behind a login."""
    root, passwords, config = tmp_path / "images", tmp_path / "htpasswd", tmp_path / "private.yml"
    shutil.copytree(registry.directory / "docker", root / "docker")
    passwords.write_text(HTPASSWD)
    text = CONFIG.format(root=root, address=ADDRESS) + AUTH.format(path=passwords)
    config.write_text(text)
    with (tmp_path / "private.log").open("wb") as log:
        process = subprocess.Popen(["docker-registry", "serve", str(config)], stderr=log)
    wait_until(_asks_for_login, 10, "the private registry")
    yield Place(Registry(root, address=ADDRESS), tmp_path)
    process.kill()
    process.wait(10)


def _asks_for_login() -> bool:
    try:
        with urllib.request.urlopen(f"http://{ADDRESS}/v2/", timeout=1):
            return False
    except urllib.error.HTTPError as answer:
        return answer.code == 401
    except OSError:
        return False


def log_in(place: Place, login: str) -> None:
    """Write credentials as docker login does."""
    config = place.directory / "state/.docker/config.json"
    config.parent.mkdir(parents=True)
    auth = base64.b64encode(login.encode()).decode()
    config.write_text(json.dumps({"auths": {ADDRESS: {"auth": auth}}}))


def test_with_the_login_an_image_is_fetched(private: Place) -> None:
    log_in(private, "u:secret")
    source = private.source()

    layout = source.fetch(source.resolve(NAME, AMD64), nothing)

    assert layout.config.entrypoint == ("/bin/serve",)


def test_without_a_login_it_says_so(private: Place) -> None:
    with pytest.raises(Unsatisfiable, match="log in to the registry"):
        private.source().resolve(NAME, AMD64)


def test_a_wrong_login_is_refused_and_not_told(private: Place) -> None:
    log_in(private, "u:hunter2")

    with pytest.raises(Unsatisfiable, match="does not let this node read it") as refused:
        private.source().resolve(NAME, AMD64)

    assert "hunter2" not in str(refused.value)
