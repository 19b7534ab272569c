"""Which processes a shutdown takes for containers, by what the kernel says of them."""

from pathlib import Path

import pytest

from faasd.installer.paths import Machine
from faasd.installer.shutdown import Contained, is_ours, parse_contained

V2 = "0::/openfaas-fn/echo.1.0\n"
V1 = "9:freezer:/openfaas-fn/echo.1.0\n8:cpu,cpuacct:/openfaas-fn/echo.1.0\n0::/a/b\n"


def status(numbers: str, caught: int = 0, blocked: int = 0) -> str:
    return f"Name:\tsh\nNSpid:\t{numbers}\nSigBlk:\t{blocked:016x}\nSigCgt:\t{caught:016x}\n"


@pytest.mark.parametrize("cgroup", [V2, V1])
def test_the_first_process_of_a_container_is_found_on_either_version(cgroup: str) -> None:
    found = parse_contained(cgroup, status("812 1"))

    assert found == Contained(namespace="openfaas-fn", container="echo.1.0", listens=False)


@pytest.mark.parametrize("masks", [{"caught": 1 << 14}, {"blocked": 1 << 14}])
def test_who_catches_or_awaits_sigterm_listens(masks: dict[str, int]) -> None:
    found = parse_contained(V2, status("812 1", **masks))

    assert found is not None
    assert found.listens


def test_a_handler_of_another_signal_does_not_listen_to_sigterm() -> None:
    found = parse_contained(V2, status("812 1", caught=~(1 << 14) & (1 << 64) - 1))

    assert found is not None
    assert not found.listens


@pytest.mark.parametrize(
    ("cgroup", "numbers"),
    [
        pytest.param(V2, "813 2", id="not the first in its container"),
        pytest.param(V2, "1", id="the machine's own first process"),
        pytest.param("0::/system.slice/containerd.service/x\n", "812 1", id="deeper"),
        pytest.param("0::/\n", "812 1", id="nowhere"),
        pytest.param("", "812 1", id="gone meanwhile"),
    ],
)
def test_all_else_is_no_container(cgroup: str, numbers: str) -> None:
    assert parse_contained(cgroup, status(numbers)) is None


def test_core_services_and_what_has_our_network_are_ours(tmp_path: Path) -> None:
    machine = Machine(root=tmp_path)
    networks = machine.at("/run/faasd/netns")
    networks.mkdir(parents=True)
    (networks / "dev_echo.1.0").touch()

    found = {
        (namespace, name): is_ours(
            machine, Contained(namespace=namespace, container=name, listens=True)
        )
        for namespace, name in (("openfaas", "nats"), ("dev", "echo.1.0"), ("docker", "abc"))
    }

    assert list(found.values()) == [True, True, False]
