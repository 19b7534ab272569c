"""`faasd up` as a program: it starts, rests in little memory, and mends what breaks meanwhile."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from faasd.supervisor.board import read_board
from tests.machine.node import RealMachine, image
from tests.machine.processes import wait_until
from tests.node.supervisor.program import RUN, UpProgram, link_containerd, run_command
from tests.programs.archive import make_archive

NAMESPACE = "openfaas"
PROGRAMS = ("serve", "exit", "silent")
MOST_MEMORY = 20_000
"""kB; 15,600 were measured."""

TWO = """
x-checked: &checked
  healthcheck: {test: [CMD, /bin/exit, '0'], interval: 500ms, timeout: 10s, retries: 2}
services:
  worker:
    <<: *checked
    image: silent
    depends_on: [nats]
  nats:
    <<: *checked
    image: serve
    ports: ['127.0.0.1:18081:8080']
"""
LOG = Path("/var/log/faasd/openfaas/nats.log")
Starting = Callable[[str], UpProgram]


@pytest.fixture(scope="module")
def core(machine: RealMachine, tmp_path_factory: pytest.TempPathFactory) -> RealMachine:
    """The machine, with the programs as images of core services."""
    archive = tmp_path_factory.mktemp("core") / "programs.tar"
    make_archive(archive, PROGRAMS, [image(program) for program in PROGRAMS])
    node = machine.open()
    node.images.load(NAMESPACE, archive)
    node.close()
    link_containerd(machine.settings.containerd_socket)
    return machine


@pytest.fixture
def starting(core: RealMachine, tmp_path: Path) -> Iterator[Starting]:
    with ExitStack() as undo:
        undo.callback(lambda: _remove_containers(core))

        def start(text: str) -> UpProgram:
            file = tmp_path / "docker-compose.yaml"
            file.write_text(text)
            up = UpProgram(file, tmp_path / "log")
            undo.callback(up.stop)
            up.start()
            return up

        yield start


def _remove_containers(machine: RealMachine) -> None:
    node = machine.open()
    for one in node.workloads.list(NAMESPACE):
        node.workloads.remove(NAMESPACE, one.id)
    node.close()


def _containers(machine: RealMachine) -> list[str]:
    return machine.containerd.ctr("tasks", "ls", "-q", namespace=NAMESPACE).split()


def test_it_rests_in_little_memory_and_restarts_what_is_killed_meanwhile(
    starting: Starting,
) -> None:
    up = starting(TWO)
    up.until_rest(2)
    nats, worker = up.service("nats"), up.service("worker")
    memory = up.memory()

    os.kill(nats, signal.SIGKILL)
    up.until_restarted("nats", nats)
    up.until_rest(2)

    assert memory < MOST_MEMORY
    assert up.service("worker") == worker
    assert up.notices()["nats"].restarts == 1


def test_a_service_that_turns_unhealthy_while_it_rests_is_restarted(starting: Starting) -> None:
    up = starting(TWO)
    up.until_rest(2)
    nats = up.service("nats")

    Path(f"/proc/{nats}/root/bin/exit").unlink()  # what its check runs

    up.until_restarted("nats", nats)


def test_what_services_print_is_collected_while_it_rests(starting: Starting) -> None:
    up = starting(TWO)
    up.until_rest(2)
    wait_until(LOG.exists, 10, "what nats printed at first")
    before = LOG.read_text().count("listening")
    nats = up.service("nats")

    os.kill(nats, signal.SIGKILL)
    up.until_restarted("nats", nats)

    wait_until(lambda: LOG.read_text().count("listening") > before, 10, "what nats printed")


def test_sigterm_takes_all_away_also_while_it_rests(starting: Starting, core: RealMachine) -> None:
    up = starting(TWO)
    up.until_rest(2)

    up.send(signal.SIGTERM)

    assert up.wait() == 0
    assert _containers(core) == []
    assert not read_board(RUN)


def test_what_a_killed_one_left_is_kept_by_the_next(starting: Starting) -> None:
    up = starting(TWO)
    up.until_rest(2)
    before = up.service("nats"), up.service("worker")
    up.send(signal.SIGKILL)
    up.wait()

    up.start()
    up.until_rest(2)

    assert (up.service("nats"), up.service("worker")) == before


def test_one_that_is_told_to_leave_leaves_all_and_the_next_changes_only_what_changed(
    starting: Starting, core: RealMachine
) -> None:
    up = starting(TWO)
    up.until_rest(2)
    nats, worker = up.service("nats"), up.service("worker")

    up.send(signal.SIGUSR1)
    assert up.wait() == 0
    left = sorted(_containers(core))
    up.file.write_text(TWO.replace("image: silent", "image: silent\n    mem_limit: 32m"))
    up.start()
    up.until_restarted("worker", worker)
    up.until_rest(2)

    assert left == ["nats", "worker"]
    assert up.service("nats") == nats


def test_a_reload_restarts_only_what_changed_and_a_bad_file_is_one_line(
    starting: Starting,
) -> None:
    up = starting(TWO)
    up.until_rest(2)
    nats, worker = up.service("nats"), up.service("worker")

    up.file.write_text("services: {nats: {imago: x}}")
    refused = run_command("up", "--reload")
    up.file.write_text(TWO.replace("image: silent", "image: silent\n    mem_limit: 32m"))
    taken = run_command("up", "--reload")
    up.until_restarted("worker", worker)

    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "service nats: imago is not a known key" in refused.stderr
    assert taken.returncode == 0
    assert "in its log (/var/log/faasd/faasd/current)" in taken.stdout
    assert up.service("nats") == nats


def test_a_second_one_is_refused_and_reload_needs_one(starting: Starting) -> None:
    none = run_command("up", "--reload")
    up = starting(TWO)
    up.until_rest(2)

    second = run_command("up", "-f", str(up.file))

    assert (none.returncode, second.returncode) == (1, 1)
    assert none.stderr.startswith("faasd: no `faasd up` runs here")
    assert f"another `faasd up` runs (process {up.pid}, {up.file})" in second.stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("image: silent", "imago: silent", "service worker: imago is not a known key"),
        ("image: silent", "image: localhost/faasd/none:latest", "none:latest is not on this node"),
        ("depends_on: [nats]", "depends_on: [nobody]", "service worker: depends_on"),
        ("image: silent", "image: silent\n    entrypoint: /bin/gone", "/bin/gone"),
    ],
)
def test_what_cannot_start_is_one_line_and_status_1_and_nothing_runs(
    starting: Starting, core: RealMachine, old: str, new: str, said: str
) -> None:
    up = starting(TWO.replace(old, new))

    assert up.wait() == 1
    (line,) = [line for line in up.said().splitlines() if line.startswith("faasd: ")]
    assert said in line
    assert "Traceback" not in up.said()
    assert _containers(core) == []


def test_a_port_that_another_program_has_is_told_for_services_on_the_nodes_network_too(
    starting: Starting,
) -> None:
    door = "network_mode: host\n    environment: {DOOR_BIND: ':18099'}"
    with socket.create_server(("127.0.0.1", 18099)):
        up = starting(TWO.replace("depends_on: [nats]", door))
        status = up.wait()

    assert status == 1
    assert "service worker: environment: DOOR_BIND: 0.0.0.0:18099/tcp is taken" in up.said()


def test_one_service_is_restarted_when_asked_and_listed_as_it_is(starting: Starting) -> None:
    up = starting(TWO)
    up.until_rest(2)
    nats = up.service("nats")

    restarted = run_command("service", "restart", "nats")
    up.until_restarted("nats", nats)
    up.until_rest(2)
    listed = run_command("service", "list")
    unknown = run_command("service", "restart", "nobody")

    assert restarted.returncode == 0, restarted.stderr
    cells = {line.split()[0]: line.split()[1:4] for line in listed.stdout.splitlines()}
    assert cells["nats"] == ["running", "healthy", "1"]
    assert cells["worker"] == ["running", "healthy", "0"]
    assert unknown.stderr == "faasd: there is no core service nobody; there are: nats, worker\n"
