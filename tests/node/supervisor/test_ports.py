"""Published ports in a real kernel: who reaches what."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from faasd.supervisor.compose.values import Port
from faasd.supervisor.nftables import Publisher
from faasd.supervisor.publish import Bridge, Published
from tests.machine.processes import wait_until
from tests.node.supervisor.places import HTTP_ANSWER, NODE_OUTSIDE, SERVICE, Places, make_places

PORT = 18080


@pytest.fixture
def places() -> Iterator[Places]:
    with ExitStack() as undo:
        yield make_places(undo)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    made = Publisher(Bridge())
    yield made
    made.publish([])


def published(address: str, protocol: str = "tcp") -> list[Published]:
    port = Port(address=address, published=PORT, target=8080, protocol=protocol)
    return [Published(port=port, address=SERVICE)]


def test_a_loopback_port_is_reached_from_the_node_only(
    places: Places, publisher: Publisher
) -> None:
    publisher.publish(published("127.0.0.1"))

    assert places.node.reaches("127.0.0.1", PORT)
    assert not places.outside.reaches(NODE_OUTSIDE, PORT)
    assert not places.node.reaches(NODE_OUTSIDE, PORT)
    assert not places.container.reaches("10.62.0.1", PORT)


def test_a_port_of_one_address_is_reached_there_and_nowhere_else(
    places: Places, publisher: Publisher
) -> None:
    publisher.publish(published(NODE_OUTSIDE))

    assert places.outside.reaches(NODE_OUTSIDE, PORT)
    assert places.node.reaches(NODE_OUTSIDE, PORT)
    assert not places.node.reaches("127.0.0.1", PORT)


def test_a_port_of_all_addresses_is_reached_from_everywhere(
    places: Places, publisher: Publisher
) -> None:
    publisher.publish(published("0.0.0.0"))

    assert places.outside.reaches(NODE_OUTSIDE, PORT)
    assert places.node.reaches("127.0.0.1", PORT)
    assert places.node.reaches("10.62.0.1", PORT)
    assert places.container.reaches("10.62.0.1", PORT)


def test_udp_is_published_as_well(places: Places, publisher: Publisher) -> None:
    publisher.publish(published("0.0.0.0", "udp"))

    assert places.outside.reaches_udp(NODE_OUTSIDE, PORT)
    assert places.node.reaches_udp("127.0.0.1", PORT)
    assert not places.node.reaches("127.0.0.1", PORT)


def test_publishing_replaces_what_was_published_and_nothing_leaves_no_table(
    places: Places, publisher: Publisher
) -> None:
    publisher.publish(published("0.0.0.0"))
    publisher.publish(published("127.0.0.1"))
    outside = places.outside.reaches(NODE_OUTSIDE, PORT)
    publisher.publish([])

    assert not outside
    assert not places.node.reaches("127.0.0.1", PORT)
    listed = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True)
    assert "faasd_ports" not in listed.stdout


def test_containers_do_not_reach_the_nodes_loopback(places: Places, publisher: Publisher) -> None:
    publisher.publish(published("127.0.0.1"))
    server = subprocess.Popen(
        ["/usr/bin/python3", "-c", HTTP_ANSWER, "127.0.0.1", "18099"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: places.node.reaches("127.0.0.1", 18099), 5, "the node's own server")
        # What an attacker who is root in the container's network would do.
        places.container.run("ip", "address", "delete", "127.0.0.1/8", "dev", "lo")
        places.container.run("ip", "route", "add", "127.0.0.1/32", "via", "10.62.0.1")
        places.container.run("sysctl", "-qw", "net.ipv4.conf.all.route_localnet=1")

        assert not places.container.reaches("127.0.0.1", 18099)
        assert not places.container.reaches("127.0.0.1", PORT)
    finally:
        server.kill()
        server.wait(5)
