"""Reading back what the collector wrote to files, while it writes and rotates."""

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.collector.files import FileSink
from faasd.collector.losses import Losses
from faasd.collector.settings import CollectorSettings
from faasd.collector.source import Source
from faasd.node.adapters.logs import CollectedLogs
from faasd.node.adapters.logs.files import _lines_backwards
from faasd.node.domain.logs import LogQuery, format_time
from faasd.node.domain.settings import NodeSettings
from faasd.node.ports.logs import LogTail
from provider_app.domain.log_query import parse_since

NAMESPACE, NAME = "openfaas-fn", "echo"


class Place:
    """A collector's files, written by its own sink."""

    def __init__(self, directory: Path, **settings: int) -> None:
        self.directory = directory
        self._sink = FileSink(CollectorSettings(log_dir=str(directory), **settings), Losses())  # type: ignore[arg-type]
        self._logs = CollectedLogs(
            NodeSettings(log_dir=str(directory), journal_socket=str(directory / "none"))
        )

    def print(self, *texts: str, instance: str = "echo.1.0") -> None:
        source = Source(namespace=NAMESPACE, name=NAME, instance=instance, stream="stdout")
        self._sink.write(source, texts)

    def open(self, **query: object) -> LogTail:
        return self._logs.open(LogQuery(namespace=NAMESPACE, name=NAME, **query))  # type: ignore[arg-type]

    def texts(self, **query: object) -> list[str]:
        with closing(self.open(**query)) as tail:
            return drain(tail)

    @property
    def file(self) -> Path:
        return self.directory / NAMESPACE / f"{NAME}.log"

    def close(self) -> None:
        self._sink.close()


def drain(tail: LogTail) -> list[str]:
    texts: list[str] = []
    while (lines := tail.read()) is not None:
        texts += [line.text for line in lines]
    return texts


@contextmanager
def placed(directory: Path, **settings: int) -> Iterator[Place]:
    with closing(Place(directory, **settings)) as made:
        yield made


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Files that are rotated after some ten lines, of which three are kept."""
    with placed(tmp_path, file_size=1500, files_kept=3) as made:
        yield made


def numbers(*bounds: int) -> list[str]:
    return [str(number) for number in range(*bounds)]


def test_a_function_that_printed_nothing_has_no_lines(place: Place) -> None:
    assert place.texts() == []
    assert place.texts(tail=3) == []


def test_a_line_says_who_printed_it_and_when(place: Place) -> None:
    place.print("grüße \u0007")

    with closing(place.open()) as tail:
        (line,) = tail.read() or ()

    assert (line.namespace, line.name, line.instance) == (NAMESPACE, NAME, "echo.1.0")
    assert line.text == "grüße \u0007"
    assert line.timestamp.endswith("Z")


def test_lines_of_rotated_files_come_first(place: Place) -> None:
    for number in numbers(25):
        place.print(number)

    assert place.file.with_name("echo.log.2").exists()
    assert place.texts() == numbers(25)


@pytest.mark.parametrize("tail", [1, 2, 9, 10, 11, 24, 25, 1000])
def test_the_last_lines_are_the_last_over_all_files(place: Place, tail: int) -> None:
    for number in numbers(25):
        place.print(number)

    assert place.texts(tail=tail) == numbers(25)[-tail:]


def test_the_last_lines_of_one_replica_are_counted_alone(place: Place) -> None:
    for number in numbers(20):
        place.print(number, instance=f"echo.1.{int(number) % 2}")

    assert place.texts(instance="echo.1.1", tail=3) == ["15", "17", "19"]
    assert place.texts(instance="echo.1") == []


def test_no_more_is_looked_through_than_the_reach_over_all_files(place: Place) -> None:
    place.print("early", instance="echo.1.1")
    for number in numbers(20):
        place.print(number)
    size = len(place.file.read_text().splitlines(keepends=True)[-1])

    assert place.texts(instance="echo.1.1", tail=5) == ["early"]
    assert place.texts(instance="echo.1.1", tail=5, reach=15 * size) == []
    assert place.texts(reach=15 * size) == numbers(5, 20)
    assert place.texts(tail=3, reach=15 * size) == numbers(17, 20)
    assert place.texts(tail=3, reach=0) == []


def test_lines_before_a_time_are_left_out(place: Place) -> None:
    for number in numbers(25):
        place.print(number)
    stamps = [json.loads(line)["timestamp"] for line in place.file.read_text().splitlines()]
    inside = place.texts()[-len(stamps) :]

    with closing(place.open(since=_nanoseconds(stamps[1]))) as tail:
        assert drain(tail) == inside[1:]
    assert place.texts(since=_nanoseconds(stamps[1]), tail=2) == inside[-2:]
    assert place.texts(since=_nanoseconds(stamps[-1]) + 10**9) == []


def _nanoseconds(stamp: str) -> int:
    assert format_time(parse_since(stamp)) == stamp
    return parse_since(stamp)


def test_a_follower_gets_every_line_once_through_rotations(place: Place) -> None:
    with closing(place.open(tail=1)) as tail:
        place.print("first")
        found = drain(tail)
        for number in numbers(60):
            place.print(number)
            if int(number) % 7 == 0:
                found += drain(tail)
        found += drain(tail)

    assert found == ["first", *numbers(60)]


def test_one_that_was_overtaken_goes_on_with_the_oldest_there_is(place: Place) -> None:
    place.print("first")
    with closing(place.open()) as tail:
        assert drain(tail) == ["first"]
        for number in numbers(200):
            place.print(number)
        rest = drain(tail)

    kept = place.texts()
    assert rest[-len(kept) :] == kept
    assert rest[: -len(kept)] == numbers(len(rest) - len(kept))


def test_a_line_that_is_half_written_waits_for_its_end(place: Place) -> None:
    place.print("whole")
    written = place.file.read_bytes()
    with closing(place.open(tail=5)) as tail:
        with place.file.open("ab") as file:
            file.write(written[:20])
            file.flush()
            assert drain(tail) == ["whole"]
            file.write(written[20:])
        assert drain(tail) == ["whole"]


@pytest.mark.parametrize("broken", [b"\0" * 40, b"{}", b"[1]", b'"x"', b"{", b"\xff", b""])
def test_what_a_power_cut_left_is_passed_over(place: Place, broken: bytes) -> None:
    place.print("before")
    with place.file.open("ab") as file:
        file.write(broken + b"\n")
    place.print("after")

    assert place.texts() == ["before", "after"]
    assert place.texts(tail=2) == ["before", "after"]


def test_many_read_at_once_without_disturbing_each_other(place: Place) -> None:
    place.print(*numbers(5))
    tails = [place.open() for _ in range(40)]
    place.print("last")

    found: list[Sequence[str]] = [drain(tail) for tail in tails]
    for tail in tails:
        tail.close()

    assert found == [[*numbers(5), "last"]] * 40


@given(st.lists(st.binary(max_size=90_000).map(lambda b: b.replace(b"\n", b"")), max_size=5))
def test_lines_backwards_are_the_lines_and_where_they_begin(lines: list[bytes]) -> None:
    whole = b"".join(line + b"\n" for line in lines)
    for half in (b"", b"half"):
        found = list(_lines_backwards(io.BytesIO(whole + half)))
        assert [line for _, line in reversed(found)] == [line + b"\n" for line in lines]
        assert all(whole[at : at + len(line)] == line for at, line in found)
