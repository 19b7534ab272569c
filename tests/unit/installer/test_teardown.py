import socket
from pathlib import Path

import pytest

from faasd.base.errors import FaasdError, Unavailable
from faasd.installer.choices import Choices
from faasd.installer.firewall import set_up_firewall
from faasd.installer.paths import (
    CADDY_SITE,
    FIREWALL_CONFIG,
    NETWORK_CONFIG,
    PROVIDER_DIR,
    RUN_DIR,
    SECRETS_DIR,
    STATE_DIR,
    Machine,
)
from faasd.installer.services.manager import CONTAINERD_SOCKET
from faasd.installer.setup import setup_steps
from faasd.installer.steps import run_all_steps, run_steps
from faasd.installer.teardown import (
    clear_node,
    find_rule_handles,
    list_mounts_below,
    purge_steps,
    remove_network,
    teardown_steps,
)
from faasd.node.adapters.memory.images import make_layout
from faasd.node.adapters.memory.world import MemoryWorld
from faasd.node.domain.container import ContainerSpec
from faasd.node.open import Node, open_memory_node


def _no_node() -> Node:
    raise AssertionError("containerd does not answer, so nothing may ask it")


def _broken_node() -> Node:
    raise Unavailable("containerd is broken")


def _uninstall(machine: Machine) -> list[str]:
    said: list[str] = []
    run_all_steps(teardown_steps(machine, _no_node), said.append)
    return said


def _purge(machine: Machine) -> None:
    run_all_steps((*teardown_steps(machine, _no_node), *purge_steps(machine)), lambda _: None)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine that was set up."""
    machine = Machine(root=tmp_path)
    run_steps(setup_steps(machine), lambda _: None)
    machine.at(RUN_DIR).mkdir(parents=True)
    return machine


def test_uninstall_keeps_data_and_login(machine: Machine) -> None:
    database = machine.at(PROVIDER_DIR) / "functions.db"
    database.write_text("data")
    _uninstall(machine)
    assert database.exists()
    assert (machine.at(SECRETS_DIR) / "basic-auth-password").exists()
    assert not machine.at(RUN_DIR).exists()
    assert not machine.at(NETWORK_CONFIG).exists()


def test_uninstall_keeps_a_network_that_was_edited(machine: Machine) -> None:
    machine.at(NETWORK_CONFIG).write_text("{}")
    _uninstall(machine)
    assert machine.at(NETWORK_CONFIG).exists()


def test_a_step_that_fails_is_told_and_hinders_no_other(machine: Machine) -> None:
    set_up_firewall(machine, Choices(firewall="yes"), [8080])
    path = machine.at(CONTAINERD_SOCKET)
    path.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as containerd:
        containerd.bind(str(path))
        containerd.listen()
        said: list[str] = []
        with pytest.raises(FaasdError, match="1 of 9 steps failed: containers"):
            run_all_steps(
                (*teardown_steps(machine, _broken_node), *purge_steps(machine)), said.append
            )
    assert "containers: FAILED: containerd is broken" in said
    assert not machine.at(FIREWALL_CONFIG).exists()
    assert not machine.at(STATE_DIR).exists(), "what comes after it was done as well"


def test_purge_leaves_nothing(machine: Machine) -> None:
    machine.at(NETWORK_CONFIG).write_text("{}")
    set_up_firewall(machine, Choices(firewall="yes"), [8080])
    machine.at(FIREWALL_CONFIG).write_text("mine")
    machine.at(CADDY_SITE).parent.mkdir()
    machine.at(CADDY_SITE).write_text("mine")
    _purge(machine)
    left = [path for path in machine.root.rglob("*") if path.is_file()]
    assert left == []
    assert not machine.at(STATE_DIR).exists()


def test_uninstall_twice_and_on_a_bare_machine_is_fine(machine: Machine, tmp_path: Path) -> None:
    _purge(machine)
    _purge(machine)
    said = _uninstall(Machine(root=tmp_path / "bare"))
    assert "files: nothing was there" in said


def test_the_bridge_that_is_removed_is_the_one_in_force(machine: Machine) -> None:
    text = machine.at(NETWORK_CONFIG).read_text().replace("openfaas0", "mybridge0")
    machine.at(NETWORK_CONFIG).write_text(text)
    assert remove_network(machine) == "no bridge mybridge0"


def test_everything_of_ours_is_removed_from_containerd_and_nothing_else() -> None:
    world = MemoryWorld()
    node = open_memory_node(world)
    layout = make_layout("docker.io/library/serve:latest", ("/bin/serve",))
    world.registry[layout.name] = layout
    for namespace, labels in (("openfaas-fn", {}), ("team", {"openfaas": "1"}), ("moby", {})):
        node.namespaces.ensure(namespace, labels)
        node.images.pull(namespace, node.images.resolve(layout.name))
        spec = ContainerSpec(namespace=namespace, id="a.1.0", name="a", image=layout.name)
        node.workloads.create(spec)
        node.workloads.start(namespace, "a.1.0")
    said = clear_node(node)
    assert said == "2 containers, 2 images, 2 namespaces removed"
    assert list(node.namespaces.list()) == ["moby"]
    assert [workload.id for workload in node.workloads.list("moby")] == ["a.1.0"]
    node.workloads.remove("moby", "a.1.0")
    node.close()


def test_only_our_rules_are_taken_out_of_a_firewall() -> None:
    listed = """\
    chain FORWARD { # handle 1
        iifname "openfaas0" accept comment "faasd: functions reach the network" # handle 12
        oifname "docker0" accept # handle 7
        oifname "openfaas0" accept comment "faasd: functions reach the network" # handle 11
    }
"""
    assert find_rule_handles(listed) == ["12", "11"]


def test_mounts_are_listed_the_last_one_first_and_only_ours(tmp_path: Path) -> None:
    mountinfo = tmp_path / "mountinfo"
    mountinfo.write_text(
        "20 1 0:5 / / rw - ext4 /dev/root rw\n"
        "21 20 0:6 / /run/faasd/netns rw shared:1 - tmpfs run rw\n"
        "22 21 0:4 net:[1] /run/faasd/netns/a rw shared:2 - nsfs nsfs rw\n"
        "23 20 0:7 / /run/faasd-other rw - tmpfs run rw\n"
    )
    found = list_mounts_below(mountinfo, Path("/run/faasd"))
    assert found == ["/run/faasd/netns/a", "/run/faasd/netns"]
