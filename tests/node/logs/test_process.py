"""The collector's process: signals, restarts, memory, a full disk."""

import select
import subprocess
from pathlib import Path

import pytest

from faasd.collector import CollectorSettings
from tests.machine.processes import kill_all, require_sandbox, wait_until
from tests.node.logs.collecting import collecting, resident, start, texts
from tests.unit.collector.pipes import Printer

IDLE, BUSY = 15_500, 16 * 1024
"""kB of memory at most, with nobody printing and with all printing all the time."""


@pytest.fixture
def settings(tmp_path: Path) -> CollectorSettings:
    require_sandbox()
    return CollectorSettings(run_dir=str(tmp_path / "run"), log_dir=str(tmp_path / "log"))


def has(settings: CollectorSettings, wanted: list[str]) -> None:
    wait_until(lambda: texts(settings, "fn") == wanted, 10, f"{wanted} in the files")


def test_a_signal_to_end_takes_what_is_in_the_pipes_first(settings: CollectorSettings) -> None:
    printer = Printer(settings.pipes_dir, "fn.1.0")
    with collecting(settings):
        printer.print("one\n")
        has(settings, ["one"])
        printer.print("two\nthree, without an end")
    assert texts(settings, "fn") == ["one", "two", "three, without an end"]
    printer.remove()


def test_a_restart_after_a_kill_loses_nothing_that_shims_hold(settings: CollectorSettings) -> None:
    printer = Printer(settings.pipes_dir, "fn.1.0")
    process = start(settings)
    printer.print("before\n")
    has(settings, ["before"])
    kill_all([process.pid])
    process.wait(10)
    printer.print("between\n")

    with collecting(settings):
        has(settings, ["before", "between"])
    printer.remove()


def test_a_second_collector_waits_and_takes_over(settings: CollectorSettings) -> None:
    printer = Printer(settings.pipes_dir, "fn.1.0")
    with collecting(settings):
        printer.print("one\n")
        has(settings, ["one"])
        second = start(settings)
    printer.print("two\n")

    has(settings, ["one", "two"])
    second.terminate()
    assert second.wait(10) == 0
    printer.remove()


def test_memory_stays_small_however_much_a_hundred_functions_print(
    settings: CollectorSettings,
) -> None:
    printers = [Printer(settings.pipes_dir, f"fn{number}.1.0") for number in range(100)]
    with collecting(settings) as process:
        for printer in printers:
            printer.print("hello\n")
        wait_until(lambda: not any(_pending(one) for one in printers), 10, "all is read")
        idle = resident(process.pid)
        for turn in range(20):
            for printer in printers:
                printer.fill(b"noise\n" * (1 + 100 * turn))
        wait_until(lambda: not any(_pending(one) for one in printers), 60, "all is read")

        assert idle <= IDLE
        assert resident(process.pid) <= BUSY
    for printer in printers:
        printer.remove()


def _pending(printer: Printer) -> bool:

    return bool(select.select([printer.fd], [], [], 0)[0])


def test_a_full_disk_costs_lines_but_neither_the_collector_nor_a_torn_record(
    settings: CollectorSettings, tmp_path: Path
) -> None:
    disk = tmp_path / "log"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], check=True)
    try:
        printer = Printer(settings.pipes_dir, "fn.1.0")
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * 40_000)
        with collecting(settings) as process:
            _print_until_lost(settings, printer)
            ballast.unlink()
            printer.print("room again\n")
            wait_until(lambda: texts(settings, "fn")[-1] == "room again", 10, "room again")
            assert process.poll() is None
        printer.remove()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def _print_until_lost(settings: CollectorSettings, printer: Printer) -> None:
    for number in range(200):
        printer.print(f"{number} {'z' * 1000}\n")
        wait_until(lambda: not _pending(printer), 10, "it is read")
    kept = texts(settings, "fn")  # each of them whole, or this raises
    assert 0 < len(kept) < 200
