"""What an interrupted put leaves, and how the next one goes on from there."""

import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from faasd.base.errors import FaasdError, NoRoom
from faasd.node.adapters.containerd.channel import Channel, Scope
from faasd.node.adapters.containerd.client import connect
from faasd.node.adapters.containerd.content import Content
from faasd.node.adapters.containerd.leases import Leases
from faasd.node.adapters.containerd.protos.content_pb2 import (
    WRITE,
    WriteContentRequest,
    WriteContentResponse,
)
from faasd.node.domain.image import ImageLayout
from tests.machine.containerd import PrivateContainerd
from tests.machine.processes import wait_until
from tests.node.containerd.layouts import Writer, busybox, tar
from tests.node.containerd.place import Place

ONE = "docker.io/library/one:1"
HALF = 2**20


@pytest.fixture
def channel(containerd: PrivateContainerd) -> Iterator[Channel]:
    """A connection for what the ports do not tell."""
    made = Channel(str(containerd.socket))
    yield made
    made.close()


def write_half(channel: Channel, place: Place, layout: ImageLayout, half: bytes) -> None:
    """Leave what a writer of the first layer leaves that is killed in the middle."""
    blob = layout.layers[0]
    request = WriteContentRequest(
        action=WRITE,
        ref=f"faasd-{blob.digest}",
        total=blob.size,
        expected=blob.digest,
        data=half,
    )
    scope = Scope(namespace=place.namespace)
    answers = channel.exchange("content.v1.Content/Write", [request], WriteContentResponse, scope)
    assert [answer.offset for answer in answers][-1] == len(half)


def test_a_blob_written_in_part_is_gone_on_from(place: Place, channel: Channel) -> None:
    layout = place.writer.layout(ONE, tar({"etc/a": "x" * 3 * HALF}))
    file = place.writer.path(layout.layers[0].digest)
    whole = file.read_bytes()
    write_half(channel, place, layout, whole[:HALF])

    # Only by leaving out what is there can it be whole now.
    file.write_bytes(b"\0" * HALF + whole[HALF:])
    place.client.images.put(place.namespace, layout)

    assert place.client.images.find(place.namespace, ONE) is not None


def test_a_blob_written_in_part_that_is_broken_is_written_anew(
    place: Place, channel: Channel
) -> None:
    layout = place.writer.layout(ONE, tar({"etc/a": "x" * 3 * HALF}))
    write_half(channel, place, layout, b"\0" * HALF)

    place.client.images.put(place.namespace, layout)

    assert place.client.images.find(place.namespace, ONE) is not None


def test_what_nobody_completes_goes_when_its_lease_ends(place: Place, channel: Channel) -> None:
    layout = place.writer.layout(ONE, tar({"etc/a": "1"}))
    blob = layout.layers[0]
    scope = Leases(channel).open(place.namespace, "short", timedelta(seconds=1))
    Content(channel).put(scope, blob, place.writer.path(blob.digest), {})
    assert place.ctr("content", "ls", "-q") == [blob.digest]

    wait_until(lambda: collected(place), 10, "it is collected")


def collected(place: Place) -> bool:
    """Make containerd collect; tell whether the namespace has no blob."""
    place.client.images.put(place.namespace, place.writer.layout("docker.io/library/two:1"))
    place.client.images.remove(place.namespace, "docker.io/library/two:1")
    return place.ctr("content", "ls", "-q") == []


def test_a_containerd_killed_in_the_middle_leaves_no_image_and_takes_it_again(
    place: Place,
) -> None:
    # Long enough to be in the middle of: half a second.
    layout = place.writer.layout(ONE, busybox(), tar({"etc/a": b"x" * 64 * HALF}))
    putting = threading.Thread(target=put_quietly, args=(place, layout))
    putting.start()
    wait_until(lambda: place.ctr("leases", "ls", "-q") != [], 5, "the put has begun")
    place.daemon.kill()
    putting.join()

    place.daemon.start()
    wait_until(lambda: is_empty(place), 5, "containerd answers")
    place.client.images.put(place.namespace, layout)

    assert place.client.images.find(place.namespace, ONE) is not None


def put_quietly(place: Place, layout: ImageLayout) -> None:
    with suppress(FaasdError):
        place.client.images.put(place.namespace, layout)


def is_empty(place: Place) -> bool:
    with suppress(FaasdError):
        return place.client.images.list(place.namespace) == []
    return False


def test_two_programs_may_put_the_same_image_at_once(place: Place) -> None:
    layout = place.writer.layout(ONE, busybox(), tar({"etc/a": "x" * 2**22}))
    other = connect(str(place.daemon.socket), "overlayfs")

    with ThreadPoolExecutor(2) as pool:
        clients = (place.client, other)
        put = list(pool.map(lambda client: client.images.put(place.namespace, layout), clients))
    other.machine.close()

    assert put[0] == put[1] == place.client.images.find(place.namespace, ONE)


def test_layers_that_are_being_relied_on_stay_when_their_image_is_removed(
    place: Place, channel: Channel
) -> None:
    base = (busybox(), tar({"etc/a": "1"}))
    old = place.writer.layout("docker.io/library/old:1", *base)
    new = place.writer.layout(ONE, *base, tar({"etc/a": "2"}))
    place.client.images.put(place.namespace, old)

    with Leases(channel).held(place.namespace, timedelta(minutes=1)) as scope:
        place.client.images._put_blobs(scope, new)
        place.client.images.remove(place.namespace, old.name)

        assert place.ctr("snapshots", "ls").count("Committed") == 2


def test_an_image_that_shares_layers_goes_in_while_another_is_removed(place: Place) -> None:
    base = busybox()
    old = place.writer.layout("docker.io/library/old:1", base)
    new = place.writer.layout(ONE, base, tar({"etc/a": "1"}))
    until = time.monotonic() + 1
    with ThreadPoolExecutor(1) as pool:
        while time.monotonic() < until:
            place.client.images.put(place.namespace, old)
            removing = pool.submit(place.client.images.remove, place.namespace, old.name)
            image = place.client.images.put(place.namespace, new)
            removing.result()

            assert place.client.images.find(place.namespace, ONE) == image
            place.client.images.remove(place.namespace, ONE)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[PrivateContainerd]:
    """A containerd on a disk of 8 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "small", disk], check=True, timeout=10)
    daemon = PrivateContainerd(disk / "root", tmp_path / "run")
    daemon.start()
    yield daemon
    daemon.kill()
    subprocess.run(["umount", "-l", disk], check=True, timeout=10)


def test_a_full_disk_is_told_and_once_there_is_room_the_image_goes_in(
    small: PrivateContainerd, tmp_path: Path
) -> None:
    client = connect(str(small.socket), "overlayfs")
    client.namespaces.ensure("full", {})
    writer = Writer(tmp_path / "blobs", client.machine.platform())
    layout = writer.layout(ONE, busybox())
    (small.root.parent / "filler").write_bytes(b"x" * 2**22)

    with pytest.raises(NoRoom, match="disk is full"):
        client.images.put("full", writer.layout(ONE, busybox(), tar({"etc/a": "x" * 2**22})))
    assert client.images.find("full", ONE) is None
    (small.root.parent / "filler").unlink()

    assert client.images.put("full", layout).name == ONE
    client.machine.close()
