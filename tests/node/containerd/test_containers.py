"""Ports `Roots` and `Containers` on real containerd."""

from datetime import UTC, datetime, timedelta

import pytest

from faasd.base.errors import AlreadyExists, Unsatisfiable
from faasd.node.domain.blueprint import ContainerUser
from tests.node.containerd.layouts import busybox, tar
from tests.node.containerd.place import BUSYBOX, Place

NAME = "fn.1.0"


def test_a_record_is_found_with_all_it_was_made_with(place: Place) -> None:
    made = place.make(NAME, "sleep", "60", labels={"team": "a"}, shim_group="g")

    found = place.client.containers.find(place.namespace, NAME)

    assert found == made
    assert (found.image, found.shim_group, found.grace) == (BUSYBOX, "g", 2.5)
    assert not found.has_network
    assert found.labels["team"] == "a"
    assert datetime.now(UTC) - found.created_at < timedelta(minutes=1)
    assert place.client.containers.list(place.namespace) == [made]


def test_a_record_of_the_same_identifier_is_refused(place: Place) -> None:
    place.make(NAME)

    with pytest.raises(AlreadyExists):
        place.make(NAME)


def test_a_root_is_protected_by_its_record_not_by_a_lease(place: Place) -> None:
    place.make(NAME, "true")

    assert place.ctr("leases", "ls", "-q") == []
    # An image that goes makes containerd collect what nothing refers to.
    place.client.images.remove(place.namespace, BUSYBOX)
    assert place.client.roots.list(place.namespace) == [NAME]
    assert place.start(NAME) > 0


def test_a_root_without_a_record_is_held_by_a_lease_that_ends_with_it(place: Place) -> None:
    image = place.busybox()

    place.client.roots.prepare(place.namespace, NAME, image)
    assert len(place.ctr("leases", "ls", "-q")) == 1
    place.client.roots.remove(place.namespace, NAME)

    assert place.ctr("leases", "ls", "-q") == []
    assert place.client.roots.list(place.namespace) == []


def test_a_root_left_behind_is_replaced_by_a_fresh_one(place: Place) -> None:
    place.run(NAME, "sh", "-c", "echo old >/etc/mark")
    place.client.tasks.wait(place.namespace, NAME, 5)
    place.client.tasks.delete(place.namespace, NAME)
    place.client.containers.delete(place.namespace, NAME)

    place.run(NAME, "sh", "-c", "cat /etc/mark 2>&1")
    place.client.tasks.wait(place.namespace, NAME, 5)

    assert "No such file" in place.output(NAME)


def test_a_root_of_an_image_whose_layers_are_gone_says_to_pull_again(place: Place) -> None:
    image = place.busybox()
    place.client.images.remove(place.namespace, BUSYBOX)

    with pytest.raises(Unsatisfiable, match="pull it again"):
        place.client.roots.prepare(place.namespace, NAME, image)
    place.client.roots.remove(place.namespace, NAME)


def test_users_are_looked_up_in_the_layers_of_the_image(place: Place) -> None:
    passwd = tar({"etc/passwd": "app:x:12:34::/home/app:/bin/sh\n", "etc/group": "x:x:5:app\n"})
    place.client.images.put(
        place.namespace, place.writer.layout(BUSYBOX, busybox(), passwd, tar({"etc/motd": ""}))
    )
    place.make(NAME, "id")

    found = place.client.roots.resolve_user(place.namespace, NAME, "app")

    assert found == ContainerUser(uid=12, gid=34, groups=(5,), home="/home/app")
