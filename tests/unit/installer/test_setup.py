"""What `faasd install` writes, on a machine whose root is a temporary directory."""

import json
import stat
from pathlib import Path

import pytest

from faasd.installer.paths import DIRECTORY_MODES, NETWORK_CONFIG, SECRETS_DIR, Machine
from faasd.installer.setup import (
    is_weaker,
    make_credentials,
    setup_steps,
    write_kernel_settings,
)
from faasd.installer.steps import Step, run_steps


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with a kernel that forwards nothing yet."""
    settings = tmp_path / "proc/sys/net/ipv4"
    settings.mkdir(parents=True)
    (settings / "ip_forward").write_text("0\n")
    return Machine(root=tmp_path)


def _install(machine: Machine) -> list[str]:
    said: list[str] = []
    run_steps(setup_steps(machine), said.append)
    return said


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_directory_has_its_permissions_even_if_it_was_there(machine: Machine) -> None:
    machine.at(SECRETS_DIR).mkdir(parents=True, mode=0o755)
    _install(machine)
    for path, mode in DIRECTORY_MODES.items():
        assert _mode(machine.at(path)) == mode, path


def test_the_password_is_long_and_only_for_root(machine: Machine) -> None:
    _install(machine)
    password = machine.at(SECRETS_DIR) / "basic-auth-password"
    assert len(password.read_text()) == 63
    assert password.read_text().isalnum()
    assert _mode(password) == 0o600
    assert (machine.at(SECRETS_DIR) / "basic-auth-user").read_text() == "admin"


def test_a_second_install_changes_nothing(machine: Machine) -> None:
    _install(machine)
    before = {path: path.read_bytes() for path in machine.root.rglob("*") if path.is_file()}
    said = _install(machine)
    after = {path: path.read_bytes() for path in machine.root.rglob("*") if path.is_file()}
    assert after == before
    assert said[0] == "directories: all there"
    assert said[3] == "login: user and password kept"


def test_a_password_chosen_by_the_user_is_kept_but_closed_to_others(machine: Machine) -> None:
    directory = machine.at(SECRETS_DIR)
    directory.mkdir(parents=True)
    (directory / "basic-auth-password").write_text("mine")
    make_credentials(machine)
    assert (directory / "basic-auth-password").read_text() == "mine"
    assert _mode(directory / "basic-auth-password") == 0o600


def test_an_empty_password_file_left_by_a_crash_gets_a_password(machine: Machine) -> None:
    machine.at(SECRETS_DIR).mkdir(parents=True)
    (machine.at(SECRETS_DIR) / "basic-auth-password").touch()
    make_credentials(machine)
    assert len((machine.at(SECRETS_DIR) / "basic-auth-password").read_text()) == 63


def test_the_network_as_shipped_is_the_bridge_everyone_expects(machine: Machine) -> None:
    _install(machine)
    (plugin,) = json.loads(machine.at(NETWORK_CONFIG).read_text())["plugins"]
    assert plugin["bridge"] == "openfaas0"
    assert plugin["ipam"]["subnet"] == "10.62.0.0/16"


def test_an_edited_network_is_kept_and_said_so(machine: Machine) -> None:
    _install(machine)
    machine.at(NETWORK_CONFIG).write_text("{}")
    said = _install(machine)
    assert machine.at(NETWORK_CONFIG).read_text() == "{}"
    assert said[1] == f"network: {NETWORK_CONFIG} kept as you edited it"


def test_forwarding_is_on_now_and_after_a_boot(machine: Machine) -> None:
    write_kernel_settings(machine)
    assert machine.at("/proc/sys/net/ipv4/ip_forward").read_text() == "1"
    assert "net.ipv4.ip_forward = 1" in machine.at("/etc/sysctl.d/90-faasd.conf").read_text()


def test_a_setting_that_the_machine_refuses_is_said_and_does_not_stop_the_install(
    machine: Machine,
) -> None:
    assert "could not set now: fs.inotify.max_user_instances" in write_kernel_settings(machine)


def test_a_setting_larger_than_ours_is_kept(machine: Machine) -> None:
    path = machine.at("/proc/sys/fs/inotify/max_user_instances")
    path.parent.mkdir(parents=True)
    path.write_text("8192\n")
    write_kernel_settings(machine)
    assert path.read_text() == "8192\n"


@pytest.mark.parametrize(
    ("found", "wanted", "weaker"),
    [("1\n", "0", True), ("0\n", "0", False), ("0", "10", True), ("30", "10", False)],
)
def test_a_setting_is_a_least_but_for_0_which_turns_off(
    found: str, wanted: str, *, weaker: bool
) -> None:
    assert is_weaker(found, wanted) is weaker


def test_steps_after_a_failed_one_do_not_run() -> None:
    said: list[str] = []

    def fail() -> str:
        raise OSError("no")

    steps = (
        Step(title="a", run=lambda: "done"),
        Step(title="b", run=fail),
        Step(title="c", run=lambda: "done"),
    )
    with pytest.raises(OSError, match="no"):
        run_steps(steps, said.append)
    assert said == ["a: done"]
