"""Logging in to a registry with basic authentication and TLS, and pulling with it."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from faasd.base.errors import FaasdError, NotFound, Unavailable, Unsatisfiable
from faasd.node.adapters.images.logins import Login, RegistryLogins
from faasd.node.adapters.images.source import SkopeoImages
from faasd.node.domain.settings import NodeSettings
from tests.machine.registry import Registry
from tests.node.images.place import AMD64, nothing
from tests.node.images.secured import Secured, secured

ADDRESS = "127.0.0.1:5079"
NAME = f"{ADDRESS}/library/serve:1"


@pytest.fixture(scope="module")
def server(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    with secured(registry.directory, tmp_path_factory.mktemp("secured"), ADDRESS) as made:
        yield made


@pytest.fixture
def trusted(server: Secured) -> Iterator[Secured]:
    """The registry, whose CA the node trusts."""
    server.trust()
    yield server
    server.distrust()


@pytest.fixture
def settings(tmp_path: Path) -> NodeSettings:
    return NodeSettings(state_dir=str(tmp_path / "state"))


@pytest.fixture
def logins(settings: NodeSettings) -> RegistryLogins:
    return RegistryLogins(settings)


def test_with_a_login_images_are_pulled_and_without_they_are_not(
    trusted: Secured, settings: NodeSettings, logins: RegistryLogins
) -> None:
    source = SkopeoImages(settings)
    with pytest.raises(Unsatisfiable, match="faasd registry login"):
        source.resolve(NAME, AMD64)

    logins.log_in(trusted.address, "u", "secret")
    layout = source.fetch(source.resolve(NAME, AMD64), nothing)
    source.discard(layout)
    logins.log_out(trusted.address)

    assert layout.config.entrypoint == ("/bin/serve",)
    with pytest.raises(Unsatisfiable, match="faasd registry login"):
        source.resolve(NAME, AMD64)


def test_a_login_is_kept_for_root_alone_and_listed(
    trusted: Secured, settings: NodeSettings, logins: RegistryLogins
) -> None:
    logins.log_in(trusted.address, "u", "secret")

    file = Path(settings.state_dir, ".docker/config.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert logins.list() == [Login(server=ADDRESS, user="u")]


def test_a_login_leaves_others_alone(
    trusted: Secured, settings: NodeSettings, logins: RegistryLogins
) -> None:
    file = Path(settings.state_dir, ".docker/config.json")
    file.parent.mkdir(parents=True)
    file.write_text('{"auths": {"ghcr.io": {"auth": "bWU6eA=="}}}')

    logins.log_in(trusted.address, "u", "secret")
    logins.log_out(trusted.address)

    assert logins.list() == [Login(server="ghcr.io", user="me")]


def test_a_wrong_password_is_one_sentence_and_nothing_is_kept(
    trusted: Secured, logins: RegistryLogins
) -> None:
    with pytest.raises(Unsatisfiable) as refused:
        logins.log_in(trusted.address, "u", "hunter2")

    assert str(refused.value) == (
        f"cannot use registry {ADDRESS}: the registry does not take this user and password"
    )
    assert list(logins.list()) == []


def test_an_untrusted_certificate_is_told_with_where_to_put_its_ca(
    server: Secured, settings: NodeSettings, logins: RegistryLogins
) -> None:
    where = r"/etc/containers/certs\.d"
    with pytest.raises(Unsatisfiable, match=where):
        logins.log_in(server.address, "u", "secret")
    with pytest.raises(Unsatisfiable, match=where):
        SkopeoImages(settings).resolve(NAME, AMD64)


def test_a_registry_without_tls_is_told(registry: Registry, logins: RegistryLogins) -> None:
    with pytest.raises(Unsatisfiable, match=r"plain HTTP.*insecure = true"):
        logins.log_in(registry.address, "u", "secret")


def test_an_unknown_host_is_told(logins: RegistryLogins) -> None:
    with pytest.raises(Unavailable, match=r"cannot reach the registry.*nowhere\.invalid"):
        logins.log_in("nowhere.invalid", "u", "secret")


def test_a_host_where_nothing_listens_is_told(logins: RegistryLogins) -> None:
    with pytest.raises(Unavailable, match="nothing listens there"):
        logins.log_in("127.0.0.1:5999", "u", "secret")


def test_nobody_is_logged_out_who_was_not_logged_in(logins: RegistryLogins) -> None:
    with pytest.raises(NotFound, match=r"not logged in to ghcr\.io"):
        logins.log_out("ghcr.io")


def test_a_login_without_a_user_is_refused(logins: RegistryLogins) -> None:
    with pytest.raises(FaasdError, match="-u USER"):
        logins.log_in(ADDRESS, "", "secret")
