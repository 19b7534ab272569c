"""The watch over core services, on real processes; a script plays runc."""

import selectors
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faasd.supervisor.board import Notice
from faasd.supervisor.watch import Watch

PATIENCE = 10.0


@pytest.fixture
def selector() -> Iterator[selectors.BaseSelector]:
    with selectors.DefaultSelector() as made:
        yield made
        assert not made.get_map()


@pytest.fixture
def service() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def notice(pid: int, *check: str, timeout: float = 5.0) -> Notice:
    return Notice(
        name="nats",
        image="x",
        state="running",
        health="healthy",
        restarts=0,
        pid=pid,
        check=check,
        interval=0.02,
        timeout=timeout,
        retries=2,
    )


class Watched:
    """One service under watch; `play` is run as `runc exec` would be: NAME ARGUMENT…"""

    def __init__(self, selector: selectors.BaseSelector, one: Notice, play: str = "exit 0") -> None:
        self.selector = selector
        command = ["sh", "-c", play, "runc"]
        self.watch = Watch(selector, [one], time.monotonic(), command)

    def until(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
        end = time.monotonic() + seconds
        while not condition():
            now = time.monotonic()
            if now > end:
                return False
            wait = min(0.05, max(0.0, self.watch.next_due() - now))
            self.selector.select(wait)
            self.watch.tend(time.monotonic())
        return True


def test_a_process_that_ends_is_seen(
    selector: selectors.BaseSelector, service: "subprocess.Popen[bytes]"
) -> None:
    one = Watched(selector, notice(service.pid))
    one.watch.tend(0)
    before = one.watch.ended

    service.kill()
    assert one.until(lambda: one.watch.ended == {"nats"})
    one.watch.close()

    assert before == frozenset()


def test_a_process_that_is_gone_already_is_seen_at_once(selector: selectors.BaseSelector) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    one = Watched(selector, notice(gone.pid))

    one.watch.tend(0)
    one.watch.close()

    assert one.watch.ended == {"nats"}


def test_checks_that_succeed_change_nothing_and_are_run_in_the_container_by_name(
    selector: selectors.BaseSelector, service: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    log = tmp_path / "log"
    one = Watched(selector, notice(service.pid, "wget", "-q"), f'echo "$@" >>{log}')

    assert one.until(lambda: log.exists() and len(log.read_text().splitlines()) >= 3)
    one.watch.close()

    assert set(log.read_text().splitlines()) == {"nats wget -q"}
    assert one.watch.unhealthy == frozenset()


def test_as_many_failures_in_a_row_as_the_file_says_make_it_unhealthy(
    selector: selectors.BaseSelector, service: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    # Fails every other time at first, then always.
    play = f"""
        cd {tmp_path}; echo >>runs; runs=$(wc -l <runs)
        [ "$runs" -gt 6 ] || exit $((runs % 2))
        exit 1
    """
    one = Watched(selector, notice(service.pid, "x"), play)

    assert one.until(lambda: one.watch.unhealthy == {"nats"})
    one.watch.close()

    assert len((tmp_path / "runs").read_text()) == 8


def test_a_check_that_hangs_is_ended_and_counts_as_failed(
    selector: selectors.BaseSelector, service: "subprocess.Popen[bytes]"
) -> None:
    one = Watched(selector, notice(service.pid, "x", timeout=0.05), "exec sleep 600")

    assert one.until(lambda: one.watch.unhealthy == {"nats"})
    one.watch.close()


def test_a_check_that_ignores_sigterm_is_killed(
    selector: selectors.BaseSelector, service: "subprocess.Popen[bytes]"
) -> None:
    play = "trap '' TERM; while :; do read -r _ </dev/full || :; done 2>/dev/null"
    one = Watched(selector, notice(service.pid, "x", timeout=0.05), play)

    assert one.until(lambda: one.watch.unhealthy == {"nats"})
    one.watch.close()


def test_without_runc_it_is_unhealthy_rather_than_an_error(
    selector: selectors.BaseSelector, service: "subprocess.Popen[bytes]"
) -> None:
    watch = Watch(selector, [notice(service.pid, "x")], 0, ["/nowhere/runc"])

    for now in range(1, 4):
        watch.tend(now)
    watch.close()

    assert watch.unhealthy == {"nats"}
