"""Lines of the node's own among a container's: they wait for nobody."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from faasd.node.adapters.filesystem.pipes import FifoLogPipes

WHO = ("openfaas-fn", "echo", "echo.1.0")


@contextmanager
def reading(path: str) -> Iterator[int]:
    """Read as the collector does."""
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        yield reader
    finally:
        os.close(reader)


def test_a_line_is_read_where_what_the_container_says_is(tmp_path: Path) -> None:
    pipes = FifoLogPipes(str(tmp_path))
    _, stderr = pipes.prepare(*WHO)
    with reading(stderr) as reader:
        pipes.print_line(*WHO, "killed: it used\nmore")

        assert os.read(reader, 4096) == b"killed: it used more\n"


def test_where_nobody_reads_or_nothing_is_there_it_is_dropped(tmp_path: Path) -> None:
    pipes = FifoLogPipes(str(tmp_path))
    pipes.print_line(*WHO, "before there are any")
    _, stderr = pipes.prepare(*WHO)
    pipes.print_line(*WHO, "nobody reads")

    with reading(stderr) as reader:
        assert os.read(reader, 4096) == b""


def test_a_full_pipe_takes_whole_lines_only_and_keeps_nobody(tmp_path: Path) -> None:
    pipes = FifoLogPipes(str(tmp_path))
    _, stderr = pipes.prepare(*WHO)
    with reading(stderr) as reader:
        for _ in range(100):
            pipes.print_line(*WHO, "x" * 9000)

        found = os.read(reader, 1 << 20)
        assert set(found.splitlines()) == {b"x" * 4095}
        assert found.endswith(b"\n")
