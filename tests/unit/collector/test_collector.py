"""The loop, on real FIFOs."""

import os
import threading
from pathlib import Path

from faasd.collector.collector import Collector
from faasd.collector.pipe import CHUNK
from tests.unit.collector.pipes import Memory, Printer


def turns(collector: Collector, count: int = 3) -> None:
    for _ in range(count):
        collector.turn(0.05)


def test_a_new_pipe_is_read_at_once_and_both_streams_are_told_apart(
    collector: Collector, directory: Path, memory: Memory
) -> None:
    out, err = Printer(directory, "fn.1.0"), Printer(directory, "fn.1.0", "stderr")
    out.print("to out\n")
    err.print("to err\n")

    turns(collector, 2)

    assert memory.of("fn.1.0") == ["to out"]
    assert memory.of("fn.1.0", "stderr") == ["to err"]
    out.remove()
    err.remove()


def test_a_pipe_does_not_end_when_its_writer_does(
    collector: Collector, directory: Path, memory: Memory
) -> None:
    for word in ("one", "two", "three"):
        printer = Printer(directory, "fn.1.0")
        printer.print(f"{word}\n")
        turns(collector)
        printer.leave()

    turns(collector)
    assert memory.of("fn.1.0") == ["one", "two", "three"]


def test_a_hundred_writers_lose_no_line_and_keep_their_order(
    collector: Collector, directory: Path, memory: Memory
) -> None:
    printers = [Printer(directory, f"fn{number}.1.0") for number in range(100)]
    wanted = [f"line {number} " + "x" * (number % 90) for number in range(300)]
    threads = [threading.Thread(target=_print_all, args=(one, wanted)) for one in printers]
    for thread in threads:
        thread.start()

    for _ in range(2000):
        collector.turn(0.2)
        if len(memory.lines) == 100 * 300:
            break
    for thread in threads:
        thread.join(10)

    assert all(memory.of(f"fn{number}.1.0") == wanted for number in range(100))
    for printer in printers:
        printer.remove()


def _print_all(printer: Printer, lines: list[str]) -> None:
    with os.fdopen(os.open(printer.path, os.O_WRONLY), "w") as pipe:
        for line in lines:
            pipe.write(f"{line}\n")
            pipe.flush()


def test_a_noisy_function_does_not_hold_up_a_quiet_one(
    collector: Collector, directory: Path, memory: Memory
) -> None:
    noisy, quiet = Printer(directory, "noisy.1.0"), Printer(directory, "quiet.1.0")
    turns(collector)
    for number in range(20):
        noisy.fill(b"noise\n" * 600)
        quiet.print(f"{number}\n")

        collector.turn(0.05)

        assert memory.of("quiet.1.0") == [str(one) for one in range(number + 1)]
    assert len(memory.of("noisy.1.0")) * len("noise\n") <= 20 * CHUNK
    noisy.remove()
    quiet.remove()


def test_what_is_in_a_removed_pipe_is_read_first_and_its_last_line_needs_no_end(
    collector: Collector, directory: Path, memory: Memory
) -> None:
    printer = Printer(directory, "fn.1.0")
    turns(collector)
    blocks = printer.fill(b"y" * 1023 + b"\n")
    collector.turn(0)
    printer.print("no newline")
    printer.remove()

    turns(collector)

    assert memory.of("fn.1.0") == ["y" * 1023] * blocks + ["no newline"]
    assert not _open_fifos()


def test_a_pipe_made_anew_under_the_same_name_is_another(
    collector: Collector, directory: Path, memory: Memory
) -> None:
    first = Printer(directory, "fn.1.0")
    turns(collector)
    first.print("old")
    first.remove()
    second = Printer(directory, "fn.1.0")
    second.print("new\n")

    turns(collector)

    assert memory.of("fn.1.0") == ["old", "new"]
    second.remove()


def test_another_collector_finds_what_the_first_left_in_the_pipes(
    directory: Path, memory: Memory
) -> None:
    printer = Printer(directory, "fn.1.0")
    first = Collector(directory, memory)
    printer.print("before\n")
    turns(first)
    first.close()
    printer.print("between\n")

    second = Collector(directory, memory)
    turns(second)
    second.close()

    assert memory.of("fn.1.0") == ["before", "between"]
    printer.remove()


def test_draining_ends_though_a_writer_never_does(
    collector: Collector, directory: Path, memory: Memory
) -> None:
    printer = Printer(directory, "fn.1.0")
    stop = threading.Event()
    writer = threading.Thread(target=_fill_until, args=(printer, stop))
    writer.start()

    collector.drain()

    stop.set()
    writer.join(10)
    assert set(memory.of("fn.1.0")) <= {"noise", "", "n", "no", "noi", "nois"}
    printer.remove()


def _fill_until(printer: Printer, stop: threading.Event) -> None:
    while not stop.is_set():
        printer.fill(b"noise\n")


def test_the_directory_may_be_taken_away_and_made_again(
    collector: Collector, directory: Path, memory: Memory
) -> None:
    directory.rmdir()
    turns(collector)
    printer = Printer(directory, "fn.1.0")
    printer.print("back\n")

    collector.drain()

    assert memory.of("fn.1.0") == ["back"]
    printer.remove()


def test_files_that_are_no_pipes_are_left_alone(
    collector: Collector, directory: Path, memory: Memory
) -> None:
    (directory / "openfaas-fn:fn:fn.1.0:stdout").write_text("not a pipe\n")
    (directory / "note").write_text("nor this\n")

    turns(collector)

    assert memory.lines == []


def _open_fifos() -> list[str]:
    links = [str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
    return [link for link in links if "openfaas-fn:" in link]
