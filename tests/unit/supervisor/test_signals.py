import logging
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from faasd.supervisor.signals import run_until_signal
from tests.unit.supervisor.running import RunningSupervisor, eventually


@pytest.fixture
def up(tmp_path: Path) -> Iterator[RunningSupervisor]:
    running = RunningSupervisor(tmp_path)
    yield running
    running.close()


def test_sighup_reloads_and_sigterm_ends(
    up: RunningSupervisor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    before = signal.getsignal(signal.SIGTERM)
    up.write("  a: {image: silent}\n")
    reloaded: list[bool] = []

    def drive() -> None:
        started = eventually(lambda: up.runs("a"))
        up.write("  b: {image: silent}\n")
        os.kill(os.getpid(), signal.SIGHUP)
        reloaded.append(started and eventually(lambda: up.runs("b")))
        os.kill(os.getpid(), signal.SIGTERM)

    driver = threading.Thread(target=drive)
    supervisor = up.make()
    driver.start()
    run_until_signal(supervisor)
    driver.join()

    assert reloaded == [True]
    assert up.found() == {}
    assert signal.getsignal(signal.SIGTERM) == before
