"""Files of JSON lines."""

import json
import re
from pathlib import Path

import pytest

from faasd.collector.files import FileSink
from faasd.collector.losses import Losses
from faasd.collector.settings import CollectorSettings
from faasd.collector.source import Source


def source(name: str = "echo") -> Source:
    return Source(namespace="openfaas-fn", name=name, instance=f"{name}.1.0", stream="stdout")


def settings(tmp_path: Path) -> CollectorSettings:
    return CollectorSettings(log_dir=str(tmp_path), file_size=2000, files_open=4)


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def texts(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_text().splitlines()]


def test_a_record_says_who_printed_what_and_when(tmp_path: Path) -> None:
    sink = FileSink(settings(tmp_path), Losses())
    sink.write(source(), ["grüße \x00 \u2028"])
    sink.close()

    (line,) = (tmp_path / "openfaas-fn" / "echo.log").read_text().split("\n")[:-1]
    record = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", record.pop("timestamp"))
    assert record == {
        "name": "echo",
        "namespace": "openfaas-fn",
        "instance": "echo.1.0",
        "stream": "stdout",
        "text": "grüße \x00 \u2028",
    }


def test_files_are_rotated_so_that_they_never_take_more_than_three_times_their_size(
    tmp_path: Path,
) -> None:
    sink = FileSink(settings(tmp_path), Losses())
    for number in range(100):
        sink.write(source(), [str(number)])
    sink.close()

    directory = tmp_path / "openfaas-fn"
    names = ["echo.log.2", "echo.log.1", "echo.log"]
    kept = [text for name in names for text in texts(directory / name)]
    assert sorted(file.name for file in directory.iterdir()) == sorted(names)
    assert all(file.stat().st_size <= 2000 for file in directory.iterdir())
    assert kept == [str(number) for number in range(100 - len(kept), 100)]


def test_only_a_few_files_are_open_however_many_functions_print(tmp_path: Path) -> None:
    sink = FileSink(settings(tmp_path), Losses())
    before = open_files()
    for turn in range(2):
        for number in range(30):
            sink.write(source(f"fn{number}"), [str(turn)])

    assert open_files() - before <= 4
    sink.close()
    assert all(texts(file) == ["0", "1"] for file in (tmp_path / "openfaas-fn").iterdir())


def test_a_file_that_someone_removed_is_made_again(tmp_path: Path) -> None:
    sink = FileSink(settings(tmp_path), Losses())
    file = tmp_path / "openfaas-fn" / "echo.log"
    sink.write(source(), ["one"])
    file.unlink()
    sink.write(source(), ["two"])
    sink.close()

    assert texts(file) == ["two"]


def test_lines_that_cannot_be_kept_are_counted_and_that_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    losses = Losses()
    sink = FileSink(settings(tmp_path), losses)
    blocker = tmp_path / "openfaas-fn"
    blocker.write_text("a file where a directory should be")
    for _ in range(5):
        sink.write(source(), ["lost", "lost"])
    blocker.unlink()
    sink.write(source(), ["kept"])
    sink.close()

    assert losses.total == 10
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
    assert "dropped 10 lines" in caplog.text
