import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from faasd.base.errors import InvalidInput, Unsatisfiable
from faasd.node.domain.container import TaskState
from faasd.supervisor.pulse import Pulse
from tests.unit.supervisor.running import NAMESPACE, RunningSupervisor, eventually, soon

CHECKED = "healthcheck: {test: x, interval: 50ms, retries: 2}"
TWO = f"""
  worker: {{image: serve, depends_on: {{nats: {{condition: service_healthy}}}}}}
  nats: {{image: serve, {CHECKED}, ports: ['127.0.0.1:18222:8222']}}
"""


@pytest.fixture
def up(tmp_path: Path) -> Iterator[RunningSupervisor]:
    running = RunningSupervisor(tmp_path)
    yield running
    running.close()


def test_services_start_once_what_they_wait_for_is_healthy(up: RunningSupervisor) -> None:
    up.world.exec_status[NAMESPACE, "nats"] = 1
    up.write(TWO.replace("retries: 2", "start_period: 1h"))
    up.start()
    assert eventually(lambda: up.runs("nats"))
    assert not soon(lambda: up.runs("nats", "worker"))

    up.world.exec_status.clear()

    assert eventually(lambda: up.runs("nats", "worker"))


def test_everyone_is_told_where_the_services_are(up: RunningSupervisor) -> None:
    up.write(TWO)
    up.start()
    assert eventually(lambda: up.runs("nats", "worker"))

    found = up.found()
    told = {"faasd-provider": "127.0.0.1", **{name: found[name].address for name in found}}
    (port,) = up.published[-1]

    assert eventually(lambda: up.hosts[-1] == told)
    assert (str(port.port), port.address) == ("127.0.0.1:18222/tcp", found["nats"].address)


def test_each_turn_is_a_sign_of_life_and_a_longer_silence_is_announced(
    up: RunningSupervisor,
) -> None:
    heard, told = os.pipe2(os.O_NONBLOCK)
    up.pulse = Pulse(told)
    up.write(TWO)
    try:
        up.start()
        assert eventually(lambda: up.runs("nats", "worker"))
        signs = os.read(heard, 1 << 16)
        assert signs.startswith(b"tit"), "before the file is read, with its images, and after it"
        up.world.crash(NAMESPACE, "worker")
        assert eventually(lambda: up.runs("nats", "worker"))
        assert os.read(heard, 1 << 16).count(b"t") > 1
    finally:
        up.close()
        os.close(heard)
        os.close(told)


def test_services_on_the_nodes_network_are_found_at_its_address(up: RunningSupervisor) -> None:
    up.write("  router: {image: silent, network_mode: host}\n")
    up.start()

    assert eventually(lambda: up.runs("router"))
    assert eventually(lambda: up.hosts[-1].get("router") == "127.0.0.1")


def test_a_service_that_dies_runs_again_and_others_are_let_be(up: RunningSupervisor) -> None:
    up.write(TWO)
    up.start()
    assert eventually(lambda: up.runs("nats", "worker"))
    nats, worker = up.pid("nats"), up.pid("worker")

    up.world.crash(NAMESPACE, "nats")

    assert eventually(lambda: up.pid("nats") not in (0, nats))
    assert up.pid("worker") == worker


def test_a_service_that_turns_unhealthy_is_restarted(up: RunningSupervisor) -> None:
    up.write(TWO)
    up.start()
    assert eventually(lambda: up.runs("nats", "worker"))
    nats = up.pid("nats")

    up.world.exec_status[NAMESPACE, "nats"] = 1

    assert eventually(lambda: up.pid("nats") not in (0, nats))


def test_a_service_that_keeps_dying_is_tried_less_and_less_often(
    up: RunningSupervisor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    up.write("  bad: {image: exit, command: '1'}\n")
    up.start()

    assert eventually(lambda: caplog.text.count("started service bad") >= 2)
    assert not soon(lambda: caplog.text.count("started service bad") > 3)


def test_stopping_removes_all_in_reverse_order(
    up: RunningSupervisor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    up.write(TWO)
    up.start()
    assert eventually(lambda: up.runs("nats", "worker"))

    up.stop()

    assert up.found() == {}
    assert caplog.text.index("removed service worker") < caplog.text.index("removed service nats")
    assert up.published[-1] == []
    assert up.hosts[-1] == {"faasd-provider": "127.0.0.1"}


def test_a_reload_restarts_only_what_changed(up: RunningSupervisor) -> None:
    up.write(TWO)
    up.start()
    assert eventually(lambda: up.runs("nats", "worker"))
    nats, worker = up.pid("nats"), up.pid("worker")

    up.write(TWO.replace("{image: serve, depends_on", "{image: serve, mem_limit: 1g, depends_on"))
    up.reload()

    assert eventually(lambda: up.pid("worker") not in (0, worker))
    assert up.pid("nats") == nats


def test_a_reload_takes_in_new_services_and_drops_old_ones(up: RunningSupervisor) -> None:
    up.write("  a: {image: silent}\n  b: {image: silent}\n")
    up.start()
    assert eventually(lambda: up.runs("a", "b"))

    up.write("  b: {image: silent}\n  c: {image: silent}\n")
    up.reload()

    assert eventually(lambda: up.runs("b", "c"))
    assert eventually(lambda: "a" not in up.found())


def test_a_bad_file_on_reload_changes_nothing(
    up: RunningSupervisor, caplog: pytest.LogCaptureFixture
) -> None:
    up.write(TWO)
    up.start()
    assert eventually(lambda: up.runs("nats", "worker"))
    pids = up.pid("nats"), up.pid("worker")

    up.write("  nats: {imago: x}\n")
    up.reload()

    assert eventually(lambda: "nats: imago is not a known key" in caplog.text)
    assert (up.pid("nats"), up.pid("worker")) == pids


@pytest.mark.parametrize(
    ("second", "kind", "said"),
    [
        ("b: {image: gone}", Unsatisfiable, "service b: image: .*gone"),
        ("b: {image: localhost/faasd/x}", Unsatisfiable, "x:latest is not on this node.*build it"),
        ("b: {image: silent, colour: red}", InvalidInput, "service b: colour"),
        ("b: {image: silent, volumes: ['./a.yml:/a']}", Unsatisfiable, "a.yml.* is missing"),
        ("b: {image: silent, ports: ['192.0.2.1:1:1']}", Unsatisfiable, "no address"),
        ("b: {image: silent, entrypoint: /bin/gone}", Unsatisfiable, "/bin/gone"),
        ("b: {image: silent, user: nobody-here}", Unsatisfiable, "nobody-here"),
    ],
)
def test_what_cannot_start_is_told_and_nothing_is_left_half_started(
    up: RunningSupervisor, second: str, kind: type[Exception], said: str
) -> None:
    up.write(f"  a: {{image: silent}}\n  {second}\n")
    up.start()

    error = up.failed()

    assert isinstance(error, kind)
    with pytest.raises(kind, match=said):
        raise error
    assert up.found() == {}


def test_what_a_killed_supervisor_left_running_is_kept(up: RunningSupervisor) -> None:
    up.write(TWO)
    up.leave_behind()
    pids = up.pid("nats"), up.pid("worker")

    up.start()
    assert eventually(lambda: bool(up.hosts) and "worker" in up.hosts[-1])

    assert (up.pid("nats"), up.pid("worker")) == pids
    assert len(up.published[-1]) == 1


def test_what_cannot_start_ends_nothing_that_was_left_running(
    up: RunningSupervisor, caplog: pytest.LogCaptureFixture
) -> None:
    up.write(TWO)
    up.leave_behind()
    nats = up.pid("nats")
    up.write(TWO + "  new: {image: silent, entrypoint: /bin/gone}\n")

    up.start()

    assert eventually(lambda: "/bin/gone" in caplog.text)
    assert not up.has_ended()
    assert up.pid("nats") == nats


def test_after_a_reboot_everything_runs_again(up: RunningSupervisor) -> None:
    up.write(TWO)
    up.start()
    assert eventually(lambda: up.runs("nats", "worker"))
    before = up.pid("nats"), up.pid("worker")

    up.world.go_down()
    up.world.reboot()
    up.world.come_back()

    assert eventually(lambda: up.runs("nats", "worker"))
    assert set(before).isdisjoint({up.pid("nats"), up.pid("worker")})
    assert eventually(lambda: up.hosts[-1]["worker"] == up.found()["worker"].address)


def test_it_waits_for_a_runtime_that_is_down(up: RunningSupervisor) -> None:
    up.write(TWO)
    up.start()
    assert eventually(lambda: up.runs("nats", "worker"))

    up.world.go_down()
    up.world.crash(NAMESPACE, "worker")
    up.world.come_back()

    assert eventually(lambda: up.runs("nats", "worker"))


def test_mounted_directories_are_made_for_the_services_user(
    up: RunningSupervisor, tmp_path: Path
) -> None:
    up.write("  a: {image: silent, user: '10001', volumes: ['./data/nats:/data']}\n")
    up.start()
    assert eventually(lambda: up.runs("a"))

    made = (tmp_path / "data" / "nats").stat()

    assert (made.st_uid, made.st_gid, made.st_mode & 0o777) == (10001, 10001, 0o750)


def test_a_service_that_may_end_stays_ended(up: RunningSupervisor) -> None:
    up.write("  once: {image: exit, command: '0', restart: no}\n  a: {image: silent}\n")
    up.start()

    assert eventually(lambda: up.runs("a") and up.state("once") is TaskState.STOPPED)
    assert not soon(lambda: up.pid("once") != 0)


def test_a_runtime_too_busy_to_answer_in_time_ends_no_service(up: RunningSupervisor) -> None:
    up.write(TWO.replace("retries: 2", "start_period: 1h"))
    up.start()
    assert eventually(lambda: up.runs("nats", "worker"))

    up.world.is_slow = True
    up.reload()
    assert not soon(up.has_ended)
    up.world.is_slow = False

    assert up.runs("nats", "worker")


def test_a_first_start_waits_for_a_runtime_too_busy_to_answer(up: RunningSupervisor) -> None:
    up.write(TWO.replace("retries: 2", "start_period: 1h"))
    up.world.is_slow = True
    up.start()
    assert not soon(up.has_ended)

    up.world.is_slow = False

    assert eventually(lambda: up.runs("nats", "worker"))
