"""runit for real, supervising small scripts; nothing of it outlives a test."""

import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faasd.installer.paths import SERVICES_DIR, Machine
from faasd.installer.services.choose import service_manager
from faasd.installer.services.manager import (
    CONTAINERD_SOCKET,
    PROGRAMS,
    Manager,
    decide_manager,
    decide_services,
)
from faasd.installer.services.processes import find_processes
from faasd.installer.services.runit import Runit
from faasd.installer.services.systemd import Systemd
from tests.machine.processes import wait_until

RUN = """#!/bin/sh
trap 'echo USR1 >>ends; kill $!; exit 0' USR1
trap 'echo TERM >>ends; kill $!; exit 0' TERM
sleep 60 &
echo began >>ends
wait
"""
SCRIPTS = {"run": RUN, "log/run": "#!/bin/sh\nexec cat >/dev/null\n"}


def test_systemd_is_used_only_where_it_is_in_charge(tmp_path: Path) -> None:
    assert decide_manager(systemd_runs=True) is Manager.SYSTEMD
    assert isinstance(service_manager(Machine(root=tmp_path)), Runit)
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    assert isinstance(service_manager(Machine(root=tmp_path)), Systemd)


@pytest.mark.parametrize(
    ("answers", "ours", "supervised"),
    [(True, False, False), (True, True, True), (False, True, True), (False, False, True)],
)
def test_a_containerd_that_somebody_else_runs_is_used_as_it_is(
    *, answers: bool, ours: bool, supervised: bool
) -> None:
    services = decide_services(containerd_answers=answers, containerd_is_ours=ours)
    assert ("containerd" in services) == supervised
    assert services[-2:] == PROGRAMS


@pytest.fixture
def machine() -> Iterator[Machine]:
    """A machine with a containerd of somebody else, its path short enough for a socket."""
    root = Path(tempfile.mkdtemp(prefix="fi"))
    machine = Machine(root=root)
    path = machine.at(CONTAINERD_SOCKET)
    path.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        yield machine
        ScriptedRunit(machine).disable()
    shutil.rmtree(root)


class ScriptedRunit(Runit):
    """Runs `sleep` in place of our programs, which need a whole node."""

    def _write_service(self, name: str) -> None:
        for script, text in SCRIPTS.items():
            path = self._directory / name / script
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o755)


def test_started_programs_run_until_they_are_stopped_and_leave_nothing(machine: Machine) -> None:
    runit = ScriptedRunit(machine)
    assert runit.start() == "faasd, faasd-provider under runit"
    assert runit.states() == {"faasd": "run", "faasd-provider": "run"}
    assert runit.stop() == "faasd-provider, faasd stopped"
    assert set(runit.states().values()) == {"down"}
    runit.disable()
    assert not machine.at(SERVICES_DIR).exists()
    assert not find_processes(["runsvdir", "-P", str(machine.at(SERVICES_DIR))])


def test_starting_again_starts_the_programs_anew_under_the_same_supervisor(
    machine: Machine,
) -> None:
    runit = ScriptedRunit(machine)
    runit.start()
    pid = machine.at(f"{SERVICES_DIR}/faasd/supervise/pid")
    supervisor = find_processes(["runsvdir", "-P", str(machine.at(SERVICES_DIR))])
    before = pid.read_text()
    runit.start()
    assert pid.read_text() != before
    assert find_processes(["runsvdir", "-P", str(machine.at(SERVICES_DIR))]) == supervisor
    runit.disable()


@pytest.mark.parametrize("renew", [Runit.start, Runit.refresh])
def test_faasd_up_is_started_anew_by_sigusr1_which_leaves_the_core_services(
    machine: Machine, renew: Callable[[Runit], str]
) -> None:
    runit = ScriptedRunit(machine)
    runit.start()
    ends = [machine.at(f"{SERVICES_DIR}/{name}/ends") for name in PROGRAMS]
    for file in ends:
        _wait_for(file, "began")

    renew(runit)

    for file, number in zip(ends, ("USR1", "TERM"), strict=True):
        _wait_for(file, "began", number, "began")
    runit.disable()


def _wait_for(file: Path, *lines: str) -> None:
    wait_until(
        lambda: file.exists() and tuple(file.read_text().splitlines()) == lines,
        10,
        f"{', '.join(lines)} in {file}",
    )


def test_an_upgrade_starts_nothing_that_was_stopped(machine: Machine) -> None:
    runit = ScriptedRunit(machine)
    runit.start()
    runit.stop()

    assert runit.refresh() == "nothing ran"
    assert set(runit.states().values()) == {"down"}
    runit.disable()


SYSTEMCTL = """#!/bin/sh
echo "$*" >>{place}/told
case $* in
    *MainPID*) tail -c 40 {place}/pid | tr -d "\\n" ;;
    kill*SIGUSR1*) echo 1 >>{place}/pid ;;
esac
"""


@pytest.mark.parametrize("pid", ["17", "0"])
def test_systemd_starts_faasd_up_anew_by_sigusr1_where_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pid: str
) -> None:
    program = tmp_path / "systemctl"
    program.write_text(SYSTEMCTL.format(place=tmp_path))
    program.chmod(0o755)
    (tmp_path / "pid").write_text(f"{pid}\n")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    Systemd().start()
    Systemd().refresh()

    told = (tmp_path / "told").read_text()
    assert ("kill --kill-whom=main --signal=SIGUSR1 faasd.service\n" in told) == (pid == "17")
    assert (
        "restart --no-block faasd-provider.service\n"
        "start faasd.service\nstart faasd-provider.service\n"
    ) in told
    assert "restart faasd.service" not in told


def test_stopping_and_disabling_where_nothing_is_installed_is_fine(tmp_path: Path) -> None:
    runit = Runit(Machine(root=tmp_path))
    assert runit.refresh() == "nothing ran"
    assert runit.stop() == "nothing ran"
    assert runit.disable() == "nothing was there"


def test_service_directories_hold_what_the_package_ships(machine: Machine) -> None:
    Runit(machine).enable()
    run = machine.at(f"{SERVICES_DIR}/faasd-provider/run")
    assert run.stat().st_mode & 0o111
    assert "exec /usr/bin/faasd provider" in run.read_text()
    assert not machine.at(f"{SERVICES_DIR}/containerd").exists()
