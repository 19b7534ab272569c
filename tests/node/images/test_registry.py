"""Images from a real registry, by skopeo."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from faasd.base.errors import NoRoom, Unavailable, Unsatisfiable
from faasd.node.adapters.images.layouts import blob_path
from faasd.node.domain.image import Platform
from tests.node.images.cutter import Cutter
from tests.node.images.place import AMD64, Place, nothing

REPOSITORY = "127.0.0.1:5077/library/serve"


def test_a_tag_is_resolved_and_fetched_whole(place: Place) -> None:
    source = place.source()

    resolved = source.resolve(f"{REPOSITORY}:1", AMD64)
    layout = source.fetch(resolved, nothing)

    assert layout.source_digest == resolved.source_digest
    assert layout.config.entrypoint == ("/bin/serve",)
    assert all(blob_path(Path(layout.blobs), blob.digest).is_file() for blob in layout.layers)


def test_resolving_downloads_no_layer(place: Place) -> None:
    place.source().resolve(f"{REPOSITORY}:1", AMD64)

    assert place.blobs() == []


def test_a_digest_is_taken_as_pinned(place: Place) -> None:
    source = place.source()
    digest = source.resolve(f"{REPOSITORY}:1", AMD64).source_digest

    resolved = source.resolve(f"{REPOSITORY}@{digest}", AMD64)

    assert resolved.source_digest == digest
    assert source.fetch(resolved, nothing).config.entrypoint == ("/bin/serve",)


def test_docker_hub_names_come_from_its_mirror(place: Place) -> None:
    source = place.source()

    layout = source.fetch(source.resolve("docker.io/library/serve:1", AMD64), nothing)

    assert layout.name == "docker.io/library/serve:1"


def test_discarding_leaves_nothing(place: Place) -> None:
    source = place.source()
    layout = source.fetch(source.resolve(f"{REPOSITORY}:1", AMD64), nothing)

    source.discard(layout)

    assert place.blobs() == []
    assert [path.name for path in (place.directory / "state/images").iterdir()] == ["blobs"]


def test_a_blob_is_not_removed_while_another_fetch_uses_it(place: Place) -> None:
    source = place.source()
    resolved = source.resolve(f"{REPOSITORY}:1", AMD64)
    one, two = source.fetch(resolved, nothing), source.fetch(resolved, nothing)

    source.discard(one)
    still_there = place.blobs()
    source.discard(two)

    assert len(still_there) == 3
    assert place.blobs() == []


def test_fetches_of_one_image_at_once_all_succeed(place: Place) -> None:
    source = place.source()
    resolved = source.resolve(f"{REPOSITORY}:1", AMD64)

    def fetch(number: int) -> str:
        layout = source.fetch(resolved, nothing)
        source.discard(layout)
        return f"{number} {layout.manifest.digest}"

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(fetch, range(8)))

    assert len(done) == 8
    assert place.blobs() == []


@pytest.mark.parametrize(
    ("platform", "tag"),
    [
        (Platform(architecture="amd64"), "1"),
        (Platform(architecture="arm64", variant="v8"), "arm64"),
        (Platform(architecture="arm", variant="v7"), "arm"),
    ],
)
def test_an_index_gives_each_platform_its_own(place: Place, platform: Platform, tag: str) -> None:
    digest = place.put_index(
        "library/serve",
        "multi",
        {"1": "linux/amd64", "arm64": "linux/arm64", "arm": "linux/arm/v6"},
    )

    resolved = place.source().resolve(f"{REPOSITORY}:multi", platform)

    assert resolved.source_digest == digest
    assert resolved.manifest_digest == place.get_manifest("library/serve", tag)[2]


def test_a_platform_that_is_not_offered_is_told_with_those_that_are(place: Place) -> None:
    place.put_index("library/serve", "few", {"1": "linux/amd64", "arm64": "linux/arm64"})

    with pytest.raises(Unsatisfiable, match="linux/amd64, linux/arm64"):
        place.source().resolve(f"{REPOSITORY}:few", Platform(architecture="riscv64"))


def test_a_single_image_for_another_platform_is_refused(place: Place) -> None:
    with pytest.raises(Unsatisfiable, match="made for linux/arm64, this node is linux/amd64"):
        place.source().resolve(f"{REPOSITORY}:arm64", AMD64)


@pytest.mark.parametrize("name", ["library/serve:missing", "library/missing:1"])
def test_what_the_registry_does_not_have_is_told(place: Place, name: str) -> None:
    with pytest.raises(Unsatisfiable, match="no such image or tag"):
        place.source().resolve(f"{place.registry.address}/{name}", AMD64)


def test_a_registry_that_does_not_answer_is_unavailable(place: Place) -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:5999"):
        place.source("127.0.0.1:5999").resolve("127.0.0.1:5999/a:1", AMD64)


def test_blobs_that_the_node_holds_are_not_downloaded(place: Place, tmp_path: Path) -> None:
    source = place.source()
    resolved = source.resolve(f"{REPOSITORY}:1", AMD64)
    first = source.fetch(resolved, nothing)
    kept = tmp_path / "kept"
    shutil.copytree(first.blobs, kept)
    source.discard(first)
    asked: list[str] = []

    def reuse(digest: str, path: Path) -> bool:
        asked.append(digest)
        shutil.copy(blob_path(kept, digest), path)
        return True

    source.discard(source.fetch(resolved, reuse))

    assert asked == list(resolved.layers)


@pytest.fixture
def cutter(place: Place) -> Iterator[Cutter]:
    made = Cutter(place.registry.address)
    yield made
    made.close()


def test_a_fetch_cut_in_the_middle_leaves_whole_blobs_and_the_next_goes_on(
    place: Place, cutter: Cutter
) -> None:
    source = place.source(cutter.address)
    resolved = source.resolve(f"{cutter.address}/library/serve:1", AMD64)
    cutter.cut_after(20_000)

    with pytest.raises((Unavailable, Unsatisfiable)):
        source.fetch(resolved, nothing)
    left = place.blobs()
    cutter.heal()
    layout = source.fetch(resolved, nothing)

    assert f"sha256:{left[0]}" not in resolved.layers if left else True
    assert [path.name for path in (place.directory / "state/images").glob("fetch-*")] == []
    assert layout.config.entrypoint == ("/bin/serve",)


def test_a_broken_blob_is_told_and_brought_anew(place: Place) -> None:
    source = place.source()
    resolved = source.resolve(f"{REPOSITORY}:1", AMD64)

    def broken(digest: str, path: Path) -> bool:
        del digest
        path.write_bytes(b"broken")
        return True

    with pytest.raises(Unsatisfiable, match="broken"):
        source.fetch(resolved, broken)

    assert source.fetch(resolved, nothing).config.entrypoint == ("/bin/serve",)


def test_on_a_full_disk_there_is_no_room_and_nothing_is_left(place: Place) -> None:
    state = place.directory / "state"
    state.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(state)]
    subprocess.run(mount, check=True)
    try:
        source = place.source()
        resolved = source.resolve(f"{REPOSITORY}:1", AMD64)
        with pytest.raises(NoRoom, match="disk is full"):
            source.fetch(resolved, nothing)
        assert [path.name for path in (state / "images").glob("fetch-*")] == []
    finally:
        subprocess.run(["umount", str(state)], check=True)


def test_what_a_killed_fetch_left_is_removed_at_the_next_start(place: Place) -> None:
    abandoned = place.directory / "state/images/fetch-abandoned"
    abandoned.mkdir(parents=True)
    (abandoned / "oci-put-blob1").write_bytes(b"half")

    place.source()

    assert not abandoned.exists()


def test_credentials_are_sent_and_never_told(place: Place) -> None:
    config = place.directory / "state/.docker/config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"auths": {place.registry.address: {"auth": "dTpzZWNyZXQ="}}}))

    with pytest.raises(Unsatisfiable) as refused:
        place.source().resolve(f"{REPOSITORY}:missing", AMD64)

    assert "secret" not in str(refused.value)
