"""`faasd up` on real containerd, with small programs as core services."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.machine.node import RealMachine, image
from tests.machine.processes import wait_until
from tests.node.supervisor.places import Place
from tests.node.supervisor.running import NAMESPACE, Up
from tests.programs.archive import make_archive

PROGRAMS = ("serve", "exit", "silent")
TWO = """
services:
  worker:
    image: silent
    depends_on: {nats: {condition: service_healthy}}
  nats:
    image: serve
    ports: ['127.0.0.1:18081:8080']
    mem_limit: 64m
    volumes: ['./data:/data']
    healthcheck: {test: [CMD, /bin/exit, '0'], interval: 200ms}
"""
Starting = Callable[[str], Up]


@pytest.fixture(scope="module")
def core(machine: RealMachine, tmp_path_factory: pytest.TempPathFactory) -> RealMachine:
    """The machine, with the programs as images of core services."""
    archive = tmp_path_factory.mktemp("core") / "programs.tar"
    make_archive(archive, PROGRAMS, [image(program) for program in PROGRAMS])
    node = machine.open()
    node.images.load(NAMESPACE, archive)
    node.close()
    return machine


@pytest.fixture
def starting(core: RealMachine, tmp_path: Path) -> Iterator[Starting]:
    with ExitStack() as undo:

        def start(text: str) -> Up:
            file = tmp_path / "docker-compose.yaml"
            file.write_text(text)
            looking, own = core.open(), core.open()
            undo.callback(looking.close)
            undo.callback(own.close)
            up = Up.prepare(looking, own, core.settings.run_dir, file)
            undo.callback(up.stop)
            up.start()
            return up

        yield start


def test_services_start_in_order_are_found_by_name_and_published(
    starting: Starting, core: RealMachine
) -> None:
    up = starting(TWO)
    wait_until(lambda: up.pid("worker") > 0, 20, "both run")
    nats = up.find("nats")
    hosts = Path(core.settings.run_dir, "hosts").read_text()

    assert nats is not None
    assert f"{nats.address}\tnats\n" in hosts
    assert "10.62.0.1\tfaasd-provider\n" in hosts
    wait_until(lambda: Place().reaches("127.0.0.1", 18081), 5, "the published port answers")
    assert not Place().reaches("10.62.0.1", 18081)


def test_a_killed_service_is_back_within_a_second_at_its_address(starting: Starting) -> None:
    up = starting(TWO)
    wait_until(lambda: up.pid("worker") > 0, 20, "both run")
    pid, worker = up.pid("nats"), up.pid("worker")

    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: up.pid("nats") not in (0, pid), 1, "nats runs again")

    assert up.pid("worker") == worker
    wait_until(lambda: Place().reaches("127.0.0.1", 18081), 5, "the published port answers")


def test_a_service_whose_check_fails_is_restarted(starting: Starting) -> None:
    up = starting(TWO.replace("'0'], interval", "'1'], start_period: 0s, interval"))
    wait_until(lambda: up.pid("nats") > 0, 20, "nats runs")
    pid = up.pid("nats")

    wait_until(lambda: up.pid("nats") not in (0, pid), 10, "nats was restarted")

    assert up.pid("worker") == 0


def test_the_end_takes_everything_away(starting: Starting) -> None:
    up = starting(TWO)
    wait_until(lambda: up.pid("worker") > 0, 20, "both run")

    up.stop()

    assert up.node.workloads.list(NAMESPACE) == []
    assert [n for n in up.node.networks.list() if n.namespace == NAMESPACE] == []
    tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True)
    assert "faasd_ports" not in tables.stdout


def test_a_program_that_is_not_there_is_told_and_nothing_is_left(starting: Starting) -> None:
    up = starting(TWO.replace("image: silent", "image: silent\n    entrypoint: /bin/gone"))

    wait_until(lambda: up.error is not None, 20, "it gave up")

    assert "/bin/gone" in str(up.error)
    assert up.node.workloads.list(NAMESPACE) == []
