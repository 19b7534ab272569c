import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from faasd.installer.boot import (
    GATEWAY_GROUP,
    NATS_GROUP,
    ROUTER_USER,
    prepare_boot,
    prepare_run_directory,
    write_name_files,
)
from faasd.installer.paths import (
    GATEWAY_SECRETS_DIR,
    NATS_DIR,
    ROUTER_DIR,
    RUN_DIR,
    SECRETS_DIR,
    Machine,
)
from faasd.installer.setup import make_credentials
from faasd.node.adapters.filesystem.resolver import write_hosts


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(root=tmp_path)


def _owner(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)


def test_functions_find_the_front_door_at_the_bridge(machine: Machine) -> None:
    prepare_run_directory(machine)
    write_name_files(machine, "10.62.0.1")
    pairs = [line.split() for line in (machine.at(RUN_DIR) / "hosts").read_text().splitlines()]
    for name in ("gateway", "router", "faasd-provider"):
        assert ["10.62.0.1", name] in pairs


def test_addresses_that_a_supervisor_wrote_are_not_forgotten(machine: Machine) -> None:
    prepare_run_directory(machine)
    write_hosts(str(machine.at(RUN_DIR)), {"nats": "10.62.0.7"})
    write_name_files(machine, "10.62.0.1")
    assert "10.62.0.7\tnats\n" in (machine.at(RUN_DIR) / "hosts").read_text()


def test_functions_resolve_as_the_node_does(machine: Machine) -> None:
    machine.at("/etc").mkdir()
    machine.at("/etc/resolv.conf").write_text("nameserver 192.0.2.1\n")
    prepare_boot(machine)
    assert "nameserver 192.0.2.1" in (machine.at(RUN_DIR) / "resolv.conf").read_text()


def test_router_and_gateway_share_a_directory_and_nobody_else_does(machine: Machine) -> None:
    prepare_boot(machine)
    assert _owner(machine.at(ROUTER_DIR)) == (ROUTER_USER, GATEWAY_GROUP, 0o2770)
    machine.at(ROUTER_DIR).chmod(0o755)
    prepare_boot(machine)
    assert _owner(machine.at(ROUTER_DIR)) == (ROUTER_USER, GATEWAY_GROUP, 0o2770)


def test_the_gateway_may_read_the_login_and_only_its_group_may(machine: Machine) -> None:
    make_credentials(machine)
    prepare_boot(machine)
    directory = machine.at(GATEWAY_SECRETS_DIR)
    assert _owner(directory) == (0, GATEWAY_GROUP, 0o750)
    for name in ("basic-auth-user", "basic-auth-password"):
        assert _owner(directory / name) == (0, GATEWAY_GROUP, 0o440)
        assert (directory / name).read_text() == (machine.at(SECRETS_DIR) / name).read_text()


def test_nats_asks_for_the_login_and_nobody_else_may_read_it(machine: Machine) -> None:
    make_credentials(machine)
    (machine.at(SECRETS_DIR) / "basic-auth-password").write_text('with "quotes" and \\\n')
    prepare_boot(machine)
    config = machine.at(NATS_DIR) / "nats.conf"
    assert _owner(machine.at(NATS_DIR)) == (0, NATS_GROUP, 0o750)
    assert _owner(config) == (0, NATS_GROUP, 0o440)
    assert 'user: "admin", password: "with \\"quotes\\" and \\\\"' in config.read_text()


def test_a_changed_password_is_copied_again(machine: Machine) -> None:
    make_credentials(machine)
    prepare_boot(machine)
    (machine.at(SECRETS_DIR) / "basic-auth-password").write_text("mine")
    prepare_boot(machine)
    assert (machine.at(GATEWAY_SECRETS_DIR) / "basic-auth-password").read_text() == "mine"


def test_programs_that_start_at_the_same_moment_do_not_hinder_one_another(
    machine: Machine,
) -> None:
    make_credentials(machine)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: prepare_boot(machine), range(40)))
    assert sorted(path.name for path in machine.at(GATEWAY_SECRETS_DIR).iterdir()) == [
        "basic-auth-password",
        "basic-auth-user",
    ]
