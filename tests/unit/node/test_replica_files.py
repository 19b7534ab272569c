"""The secrets of one container, and of all when one changes."""

import stat
import threading
from pathlib import Path

import pytest

from faasd.base.errors import Unavailable, Unsatisfiable
from faasd.node.adapters.filesystem.replica_files import FilesystemReplicaFiles
from faasd.node.domain.blueprint import ContainerUser
from faasd.node.domain.container import ContainerSpec, SecretFile

NAMESPACE = "openfaas-fn"
APP = ContainerUser(uid=100, gid=101)


class Place:
    """A run directory, and a store of secrets."""

    def __init__(self, directory: Path) -> None:
        self.run = directory / "run"
        self.store = directory / "store"
        self.store.mkdir()
        self.files = FilesystemReplicaFiles(str(self.run))

    def secret(self, name: str, value: str) -> SecretFile:
        (self.store / name).write_text(value)
        return SecretFile(name=name, source=str(self.store / name))

    def prepare(self, container: str, *secrets: SecretFile, namespace: str = NAMESPACE) -> None:
        spec = ContainerSpec(
            namespace=namespace, id=container, name="fn", image="x", secrets=secrets
        )
        self.files.prepare(spec, APP)

    def copy(self, container: str, name: str, namespace: str = NAMESPACE) -> Path:
        return self.run / "replicas" / namespace / container / "secrets" / name


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_an_update_replaces_every_copy_for_the_same_reader_alone(place: Place) -> None:
    key, other = place.secret("key", "old"), place.secret("other", "kept")
    place.prepare("a.1.0", key, other)
    place.prepare("b.1.0", key)
    place.prepare("c.1.0", other)
    place.prepare("d.1.0", key, namespace="elsewhere")
    before = place.copy("a.1.0", "key").stat().st_ino

    place.files.update_secret(NAMESPACE, place.secret("key", "new"))

    for container in ("a.1.0", "b.1.0"):
        copy = place.copy(container, "key")
        status = copy.stat()
        assert copy.read_text() == "new"
        assert (status.st_uid, status.st_gid) == (APP.uid, APP.gid)
        assert stat.S_IMODE(status.st_mode) == 0o400
    assert place.copy("a.1.0", "key").stat().st_ino != before
    assert place.copy("a.1.0", "other").read_text() == "kept"
    assert not place.copy("c.1.0", "key").exists()
    assert place.copy("d.1.0", "key", "elsewhere").read_text() == "old"
    assert sorted(path.name for path in place.copy("a.1.0", "key").parent.iterdir()) == [
        "key",
        "other",
    ]


def test_a_copy_that_is_right_already_is_left_alone(place: Place) -> None:
    key = place.secret("key", "same")
    place.prepare("a.1.0", key)
    before = place.copy("a.1.0", "key").stat().st_ino

    place.files.update_secret(NAMESPACE, key)

    assert place.copy("a.1.0", "key").stat().st_ino == before


def test_a_container_made_during_updates_ends_with_the_last_value(place: Place) -> None:
    key = place.secret("key", "0")
    done = threading.Event()

    def update() -> None:
        for number in range(1, 20):
            place.files.update_secret(NAMESPACE, place.secret("key", str(number)))
        done.set()

    thread = threading.Thread(target=update)
    thread.start()
    made = 0
    while not done.is_set() and made < 20:
        place.prepare(f"fn.{made}.0", key)
        made += 1
    thread.join()

    assert {place.copy(f"fn.{n}.0", "key").read_text() for n in range(made)} == {"19"}


def test_a_secret_that_is_missing_is_named(place: Place) -> None:
    with pytest.raises(Unsatisfiable, match="ghost"):
        place.prepare("a.1.0", SecretFile(name="ghost", source=str(place.store / "ghost")))
    with pytest.raises(Unavailable, match="ghost"):
        place.files.update_secret(
            NAMESPACE, SecretFile(name="ghost", source=str(place.store / "ghost"))
        )
