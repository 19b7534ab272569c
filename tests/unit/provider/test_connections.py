"""Connections that the provider's own proxy keeps to replicas."""

import http.client

from provider_app.services.connections import MAX_ADDRESSES, MAX_IDLE, Connections


class Kept(http.client.HTTPConnection):
    """A connection that tells whether it was closed."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True


def kept(connections: Connections, address: str, count: int = 1) -> list[Kept]:
    made = [Kept(address) for _ in range(count)]
    for each in made:
        connections.give_back(address, each)
    return made


def test_replicas_that_are_gone_do_not_add_up() -> None:
    connections = Connections(8080, 1.0)
    made = [kept(connections, f"10.62.1.{number}")[0] for number in range(3 * MAX_ADDRESSES)]

    assert [each.is_closed for each in made].count(False) == MAX_ADDRESSES


def test_a_replica_that_is_in_use_keeps_its_connections() -> None:
    connections = Connections(8080, 1.0)
    first = kept(connections, "10.62.0.2")[0]
    for number in range(3 * MAX_ADDRESSES):
        kept(connections, f"10.62.1.{number}")
        kept(connections, "10.62.0.2")

    assert not first.is_closed


def test_one_replica_has_so_many_connections_at_most() -> None:
    connections = Connections(8080, 1.0)
    made = kept(connections, "10.62.0.2", 2 * MAX_IDLE)

    assert [each.is_closed for each in made] == [False] * MAX_IDLE + [True] * MAX_IDLE


def test_all_are_closed_at_the_end_and_none_is_kept_any_more() -> None:
    connections = Connections(8080, 1.0)
    before = kept(connections, "10.62.0.2", 2)
    connections.close()

    assert all(each.is_closed for each in before + kept(connections, "10.62.0.2"))
