"""Where the router listens, by one line of the compose file's environment."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.installer.loopback import (
    decide_environment,
    hidden_bind,
    list_public,
    set_router_bind,
)
from faasd.installer.paths import COMPOSE_FILE, ENVIRONMENT_FILE, Machine
from faasd.installer.setup import setup_steps
from faasd.installer.steps import run_steps
from faasd.supervisor.binds import list_binds
from faasd.supervisor.compose.load import load_compose

OURS = "ROUTER_BIND=127.0.0.1:8080,10.62.0.1:8080"
LINES = st.lists(
    st.sampled_from(["A=b", "# a comment", "", "PROMETHEUS_SIZE=1GB", "ROUTER_BINDS=x"])
)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(root=tmp_path)
    run_steps(setup_steps(machine), lambda _: None)
    return machine


def binds(machine: Machine) -> list[str]:
    services = load_compose(machine.at(COMPOSE_FILE), {})
    (router,) = [one for one in services if one.name == "router"]
    return [f"{port.address}:{port.published}" for _, port in list_binds(router)]


def test_the_router_that_is_shipped_listens_where_it_is_told(machine: Machine) -> None:
    assert "ROUTER_BIND" not in os.environ
    assert binds(machine) == ["0.0.0.0:8080"]
    set_router_bind(machine, is_hidden=True)
    assert binds(machine) == ["127.0.0.1:8080", "10.62.0.1:8080"]
    set_router_bind(machine, is_hidden=False)
    assert binds(machine) == ["0.0.0.0:8080"]
    assert not machine.at(ENVIRONMENT_FILE).exists()


@given(lines=LINES)
def test_other_lines_stay_as_they_are(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    hidden = decide_environment(text, OURS, is_hidden=True)
    assert hidden == f"{text}{OURS}\n"
    assert decide_environment(hidden, OURS, is_hidden=True) == hidden
    assert decide_environment(hidden, OURS, is_hidden=False) == text


@pytest.mark.parametrize(
    "theirs", ["ROUTER_BIND=:80\n", "export ROUTER_BIND = :80", "ROUTER_BIND="]
)
def test_an_address_that_somebody_chose_stays(theirs: str) -> None:
    for is_hidden in (True, False):
        assert decide_environment(theirs, OURS, is_hidden=is_hidden) == theirs


def test_the_bridges_address_is_that_of_the_network_in_force(machine: Machine) -> None:
    network = machine.at("/etc/cni/net.d/10-openfaas.conflist")
    network.write_text(network.read_text().replace("10.62.0.0/16", "10.99.0.0/24"))
    assert hidden_bind(machine) == "127.0.0.1:8080,10.99.0.1:8080"


def test_addresses_that_others_reach_are_told_apart() -> None:
    found = [("0.0.0.0", 80), ("127.0.0.1", 8080), ("10.62.0.1", 8080), ("192.0.2.1", 80)]
    assert list_public(found, "10.62.0.1") == ["0.0.0.0:80", "192.0.2.1:80"]
