"""Port `ImageStore` on real containerd."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from faasd.base.errors import FaasdError, Unsatisfiable
from tests.node.containerd.layouts import busybox, digest, tar
from tests.node.containerd.place import BUSYBOX, Place

ONE = "docker.io/library/one:1"
TWO = "docker.io/library/two:1"


def test_an_image_taken_in_is_found_as_it_was_put(place: Place) -> None:
    layout = place.writer.layout(ONE, busybox(), tar({"etc/motd": "hello"}))

    put = place.client.images.put(place.namespace, layout)

    assert place.client.images.find(place.namespace, ONE) == put
    assert put.source_digest == layout.source_digest
    assert put.config == layout.config
    assert place.client.images.list(place.namespace) == [put]


def test_an_image_never_put_is_not_found(place: Place) -> None:
    assert place.client.images.find(place.namespace, ONE) is None
    assert place.client.images.list(place.namespace) == []


def test_images_are_listed_by_name(place: Place) -> None:
    for name in (TWO, ONE):
        place.client.images.put(place.namespace, place.writer.layout(name, tar({})))

    assert [image.name for image in place.client.images.list(place.namespace)] == [ONE, TWO]


def test_putting_again_under_the_same_name_replaces_it(place: Place) -> None:
    place.client.images.put(place.namespace, place.writer.layout(ONE, tar({"etc/a": "1"})))

    newer = place.writer.layout(ONE, tar({"etc/a": "2"}))
    place.client.images.put(place.namespace, newer)

    found = place.client.images.find(place.namespace, ONE)
    assert found is not None
    assert found.digest == newer.manifest.digest


def test_images_share_the_layers_they_have_in_common(place: Place) -> None:
    base = busybox()
    place.client.images.put(place.namespace, place.writer.layout(ONE, base, tar({"etc/a": "1"})))
    place.client.images.put(place.namespace, place.writer.layout(TWO, base, tar({"etc/a": "2"})))

    assert committed(place) == 3


def test_a_layer_shared_by_another_image_stays_when_one_is_removed(place: Place) -> None:
    base = busybox()
    place.client.images.put(place.namespace, place.writer.layout(ONE, base, tar({"etc/a": "1"})))
    place.client.images.put(place.namespace, place.writer.layout(TWO, base))

    place.client.images.remove(place.namespace, ONE)

    assert committed(place) == 1
    assert place.client.images.find(place.namespace, TWO) is not None


def test_removing_an_image_frees_its_disk_at_once(place: Place) -> None:
    image = place.busybox()

    place.client.images.remove(place.namespace, image.name)

    assert committed(place) == 0
    assert place.ctr("content", "ls", "-q") == []


def test_removing_what_is_not_there_is_a_success(place: Place) -> None:
    place.client.images.remove(place.namespace, ONE)


def test_no_lease_is_left_when_an_image_is_in(place: Place) -> None:
    place.busybox()

    assert place.ctr("leases", "ls", "-q") == []


def test_an_image_in_one_namespace_is_not_seen_in_another(place: Place) -> None:
    place.client.images.put(place.namespace, place.writer.layout(ONE, tar({})))

    assert place.client.images.find("openfaas-fn", ONE) is None


def test_the_node_s_own_namespaces_hold_the_same_image_each(place: Place) -> None:
    layout = place.writer.layout(ONE, busybox())
    first = place.client.images.put("openfaas-fn", layout)

    second = place.client.images.put(place.namespace, layout)
    place.client.images.remove("openfaas-fn", ONE)

    assert first == second
    assert place.run("c.1.0", "sleep", "60") > 0


def test_a_blob_that_is_not_its_digest_is_refused_and_leaves_no_image(place: Place) -> None:
    layout = place.writer.layout(ONE, tar({"etc/a": "good"}))
    place.writer.path(layout.layers[0].digest).write_bytes(tar({"etc/a": "evil"}))

    with pytest.raises(Unsatisfiable, match="broken"):
        place.client.images.put(place.namespace, layout)

    assert place.client.images.find(place.namespace, ONE) is None
    assert place.ctr("leases", "ls", "-q") == []


def test_a_blob_that_was_broken_can_be_put_once_it_is_whole(place: Place) -> None:
    layer = tar({"etc/a": "good"})
    layout = place.writer.layout(ONE, layer)
    place.writer.path(layout.layers[0].digest).write_bytes(tar({"etc/a": "evil"}))
    with pytest.raises(FaasdError):
        place.client.images.put(place.namespace, layout)

    place.writer.path(layout.layers[0].digest).write_bytes(layer)

    assert place.client.images.put(place.namespace, layout).name == ONE


def test_a_layer_that_unpacks_to_something_else_is_refused(place: Place) -> None:
    layout = place.writer.layout(ONE, tar({}), diff_ids=(digest(b"something else"),))

    with pytest.raises(Unsatisfiable, match="unpacks to"):
        place.client.images.put(place.namespace, layout)

    assert place.client.images.find(place.namespace, ONE) is None
    assert snapshots(place) == []


def test_a_layer_that_is_no_archive_is_refused(place: Place) -> None:
    layout = place.writer.layout(ONE, b"no archive at all" * 100)

    with pytest.raises(Unsatisfiable, match="layer"):
        place.client.images.put(place.namespace, layout)


def test_a_config_that_tells_fewer_layers_is_refused(place: Place) -> None:
    layout = place.writer.layout(ONE, tar({"etc/a": "1"}), tar({}))
    config = replace(layout.config, diff_ids=layout.config.diff_ids[:1])

    with pytest.raises(Unsatisfiable, match="2 layers"):
        place.client.images.put(place.namespace, replace(layout, config=config))


def test_the_same_image_put_many_times_at_once_goes_in_every_time(place: Place) -> None:
    layout = place.writer.layout(ONE, busybox(), tar({"etc/a": "x" * 2**22}))

    with ThreadPoolExecutor(4) as pool:
        put = list(pool.map(lambda _: place.client.images.put(place.namespace, layout), range(4)))

    assert len(set(map(repr, put))) == 1
    assert committed(place) == 2
    assert len(snapshots(place)) == 2
    assert place.ctr("content", "active") == ["REF", "SIZE", "AGE"]


def test_an_interrupted_put_names_no_image_and_the_next_one_completes_it(place: Place) -> None:
    layout = place.writer.layout(ONE, busybox(), tar({"etc/a": "1"}))
    missing = place.writer.path(layout.layers[1].digest)
    missing.rename(missing.with_suffix(".away"))
    with pytest.raises(FaasdError):
        place.client.images.put(place.namespace, layout)
    assert place.client.images.find(place.namespace, ONE) is None

    missing.with_suffix(".away").rename(missing)
    place.client.images.put(place.namespace, layout)

    assert place.client.images.find(place.namespace, ONE) is not None


def test_an_image_whose_layers_were_removed_by_hand_is_put_again(place: Place) -> None:
    layout = place.writer.layout(BUSYBOX, busybox())
    place.client.images.put(place.namespace, layout)
    place.ctr("snapshots", "rm", layout.config.diff_ids[0])

    assert place.client.images.find(place.namespace, BUSYBOX) is None
    place.client.images.put(place.namespace, layout)

    assert place.client.images.find(place.namespace, BUSYBOX) is not None


def test_an_image_brought_by_another_tool_is_not_taken_for_one_of_ours(
    place: Place, tmp_path: Path
) -> None:
    place.busybox()
    archive = str(tmp_path / "image.tar")
    place.ctr("images", "export", archive, BUSYBOX)
    place.client.images.remove(place.namespace, BUSYBOX)

    place.ctr("images", "import", "--no-unpack", archive)

    assert BUSYBOX in place.ctr("images", "ls", "-q")
    assert place.client.images.find(place.namespace, BUSYBOX) is None
    assert place.client.images.list(place.namespace) == []
    assert place.busybox() == place.client.images.find(place.namespace, BUSYBOX)


def test_a_blob_is_exported_whole(place: Place, tmp_path: Path) -> None:
    content = tar({"etc/a": "x" * 3_000_000})
    layout = place.writer.layout(ONE, content)
    place.client.images.put(place.namespace, layout)

    target = tmp_path / "blob"
    there = place.client.images.export_blob(place.namespace, layout.layers[0].digest, target)

    assert there
    assert target.read_bytes() == content


def test_a_blob_that_is_not_held_is_not_exported(place: Place, tmp_path: Path) -> None:
    target = tmp_path / "blob"

    assert not place.client.images.export_blob(place.namespace, digest(b"unknown"), target)
    assert list(tmp_path.iterdir()) == []


def committed(place: Place) -> int:
    return sum(kind == "Committed" for kind in snapshots(place))


def snapshots(place: Place) -> list[str]:
    """Return the kind of each snapshot of the namespace."""
    words = place.ctr("snapshots", "ls")
    return [word for word in words if word in ("Committed", "Active", "View")]


def test_a_container_s_root_holds_what_the_image_s_layers_hold(place: Place) -> None:
    upper = tar({"etc/motd": json.dumps({"upper": True})})
    layout = place.writer.layout(BUSYBOX, busybox(), tar({"etc/motd": "lower"}), upper)
    place.client.images.put(place.namespace, layout)

    place.run("c.1.0", "cat", "/etc/motd")
    place.client.tasks.wait(place.namespace, "c.1.0", 5)

    assert place.output("c.1.0") == '{"upper": true}'
