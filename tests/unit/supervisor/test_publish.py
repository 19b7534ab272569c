import socket
from collections.abc import Iterator

import pytest

from faasd.base.errors import InUse, Unsatisfiable
from faasd.supervisor.compose.values import Port
from faasd.supervisor.nftables import check_free
from faasd.supervisor.publish import Bridge, Published, render_rules
from tests.unit.supervisor.files import service


def rules(address: str) -> str:
    port = Port(address=address, published=80, target=8080)
    return render_rules([Published(port=port, address="10.62.0.5")], Bridge())


def chain(text: str, name: str) -> str:
    return text.split(f"chain {name} {{")[1].split("}", maxsplit=1)[0]


def test_loopback_ports_are_not_reachable_from_other_machines() -> None:
    text = rules("127.0.0.1")

    assert "dnat" not in chain(text, "arriving")
    assert "ip daddr 127.0.0.1 tcp dport 80 dnat to 10.62.0.5:8080" in chain(text, "leaving")


def test_one_address_and_all_are_reachable_from_here_and_elsewhere() -> None:
    for address, match in (
        ("192.0.2.1", "ip daddr 192.0.2.1"),
        ("0.0.0.0", "fib daddr type local"),
    ):
        rule = f"{match} tcp dport 80 dnat to 10.62.0.5:8080"

        assert rule in chain(rules(address), "arriving")
        assert rule in chain(rules(address), "leaving")


def test_without_ports_the_table_goes() -> None:
    text = render_rules([], Bridge())

    assert text.splitlines()[-1] == "delete table ip faasd_ports"


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("address", ["", "127.0.0.1:"])
def test_a_port_taken_by_another_program_is_named(listening: int, address: str) -> None:
    taken = service(f"ports: ['{address}{listening}:80']")

    with pytest.raises(InUse, match=rf"service nats: ports: .*:{listening}/tcp is taken"):
        check_free([taken])


def test_a_free_port_is_free(listening: int) -> None:
    check_free([service(f"ports: ['127.0.0.2:{listening}:80', '127.0.0.1:{listening}:80/udp']")])


def test_an_address_that_is_not_the_nodes_is_named() -> None:
    with pytest.raises(Unsatisfiable, match=r"no address 192\.0\.2\.7"):
        check_free([service("ports: ['192.0.2.7:1:1']")])
