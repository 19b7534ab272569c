"""The last lines of a replica that failed are found without reading all that others printed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from faasd.collector.files import FileSink
from faasd.collector.losses import Losses
from faasd.collector.settings import CollectorSettings
from faasd.collector.source import Source
from faasd.node.adapters.logs import CollectedLogs
from faasd.node.domain.logs import LogLine, LogQuery
from faasd.node.domain.settings import NodeSettings
from faasd.node.ports.logs import LogTail
from provider_app.domain.status import FunctionState
from provider_app.services.last_words import LastWords
from provider_app.services.views import FunctionView
from tests.unit.provider.making import NAME, NAMESPACE, function

FAILED = FunctionView(
    function=function(),
    state=FunctionState(word="failed", reason="it fell", available=0, failed="echo.1.0"),
)


def printed(directory: Path, *lines: tuple[str, str]) -> LastWords:
    """Let instances print lines into files, as on a machine without a journal."""
    sink = FileSink(CollectorSettings(log_dir=str(directory)), Losses())
    for instance, text in lines:
        source = Source(namespace=NAMESPACE, name=NAME, instance=instance, stream="stdout")
        sink.write(source, [text] * (1000 if instance == "echo.1.1" else 1))
    sink.close()
    settings = NodeSettings(log_dir=str(directory), journal_socket=str(directory / "none"))
    return LastWords(CollectedLogs(settings))


def test_what_others_printed_is_looked_through_for_a_while_only(tmp_path: Path) -> None:
    little, much = ("echo.1.1", "x"), ("echo.1.1", "x" * 400)
    mine = ("echo.1.0", "goodbye")

    near = printed(tmp_path / "near", mine, little).add(FAILED)
    far = printed(tmp_path / "far", mine, much).add(FAILED)

    assert near.state.log == "goodbye"
    assert far == FAILED


class Endless:
    """The lines of a function that prints faster than it is read."""

    reads = 0

    def open(self, query: LogQuery) -> LogTail:
        """Begin to read."""
        self.query = query
        return self

    def read(self) -> Sequence[LogLine]:
        """Return two lines more."""
        self.reads += 1
        assert self.reads < 1000
        line = LogLine(namespace=NAMESPACE, name=NAME, instance="echo.1.0", timestamp="", text="")
        return [replace(line, text=f"{self.reads}.{number}") for number in range(2)]

    def close(self) -> None:
        """Nothing is held."""


def test_a_function_that_prints_without_end_is_told_of_all_the_same() -> None:
    endless = Endless()

    told = LastWords(endless).add(FAILED)

    last = endless.reads
    assert told.state.log.split("\n")[-2:] == [f"{last}.0", f"{last}.1"]
