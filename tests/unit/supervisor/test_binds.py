import socket

import pytest

from faasd.base.errors import InUse, Unsatisfiable
from faasd.supervisor.binds import list_binds
from faasd.supervisor.nftables import check_free
from tests.unit.supervisor.files import service

HOST = "network_mode: host\nenvironment: "


def binds(value: str, keys: str = HOST) -> list[str]:
    return [str(port) for _, port in list_binds(service(f"{keys}{{DOOR_BIND: '{value}'}}"))]


@pytest.mark.parametrize(
    ("value", "ports"),
    [
        (":8080", ["0.0.0.0:8080/tcp"]),
        ("*:80", ["0.0.0.0:80/tcp"]),
        ("127.0.0.1:8080, 192.0.2.1:80", ["127.0.0.1:8080/tcp", "192.0.2.1:80/tcp"]),
        ("[::]:8080", []),
        ("/run/door.sock", []),
        ("nowhere", []),
        ("", []),
    ],
)
def test_addresses_are_read_as_haproxy_takes_them(value: str, ports: list[str]) -> None:
    assert binds(value) == ports


def test_only_services_on_the_nodes_own_network_listen_there() -> None:
    assert binds(":8080", keys="environment: ") == []


def test_only_variables_that_say_so_are_addresses() -> None:
    assert list(list_binds(service(HOST + "{URL: 'x:8080'}"))) == []


def test_a_port_that_another_program_has_is_told_with_the_variable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        door = service(f"{HOST}{{DOOR_BIND: ':{port}'}}")
        with pytest.raises(InUse, match=rf"service nats: environment: DOOR_BIND: .*:{port}/tcp"):
            check_free([door])

    check_free([door])


def test_an_address_that_the_node_has_not_is_told() -> None:
    with pytest.raises(Unsatisfiable, match=r"DOOR_BIND: this node has no address 192\.0\.2\.7"):
        check_free([service(f"{HOST}{{DOOR_BIND: '192.0.2.7:80'}}")])
