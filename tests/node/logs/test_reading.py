"""Reading lines back from a real journald."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from faasd.collector.journal import JournalSink
from faasd.collector.losses import Losses
from faasd.collector.source import Source
from faasd.node.adapters.logs import CollectedLogs
from faasd.node.adapters.logs.journal import JournalTail
from faasd.node.domain.logs import LogLine, LogQuery
from faasd.node.domain.settings import NodeSettings
from faasd.node.ports.logs import LogTail
from provider_app.domain.log_query import parse_since
from tests.machine.processes import wait_until
from tests.node.logs.test_journal import SOCKET, journald

__all__ = ["journald"]

pytestmark = pytest.mark.usefixtures("journald")
LOSSES = Losses()
NAMESPACE = "reading"
"""Of its own: others count what the journal has of theirs."""


@pytest.fixture
def sink() -> Iterator[JournalSink]:
    with closing(JournalSink(str(SOCKET), LOSSES)) as made:
        yield made


def write(sink: JournalSink, name: str, *texts: str, replica: int = 0) -> None:
    instance = f"{name}.1.{replica}"
    source = Source(namespace=NAMESPACE, name=name, instance=instance, stream="stdout")
    sink.write(source, texts)


def tail_of(name: str, **query: object) -> LogTail:
    (directory,) = Path("/run/log/journal").iterdir()
    asked = LogQuery(namespace=NAMESPACE, name=name, **query)  # type: ignore[arg-type]
    return JournalTail(asked, str(directory))


def drain(tail: LogTail) -> list[LogLine]:
    found: list[LogLine] = []
    while (lines := tail.read()) is not None:
        found += lines
    return found


def read(name: str, **query: object) -> list[LogLine]:
    with closing(tail_of(name, **query)) as tail:
        return drain(tail)


def texts(name: str, **query: object) -> list[str]:
    return [line.text for line in read(name, **query)]


def wait_for(name: str, count: int) -> None:
    wait_until(
        lambda: Path("/run/log/journal").exists() and len(texts(name)) == count, 10, "the lines"
    )


def test_lines_are_read_from_where_the_query_begins(sink: JournalSink) -> None:
    for number in range(600):
        write(sink, "many", str(number), replica=number % 2)
    write(sink, "other", "of another function")
    wait_for("many", 600)
    wait_for("other", 1)

    everything = read("many")
    assert [line.text for line in everything] == [str(number) for number in range(600)]
    assert {line.instance for line in everything} == {"many.1.0", "many.1.1"}
    assert texts("many", tail=2) == ["598", "599"]
    assert texts("many", tail=10_000) == [str(number) for number in range(600)]
    assert texts("many", tail=2, instance="many.1.0") == ["596", "598"]
    since = parse_since(everything[500].timestamp)
    assert [line for line in everything if parse_since(line.timestamp) >= since] == read(
        "many", since=since
    )
    assert texts("many", tail=1, since=since) == ["599"]
    assert texts("many", since=parse_since("9000-01-01T00:00:00Z")) == []
    assert texts("nothing") == []
    assert texts("nothing", tail=3) == []


def test_a_follower_gets_what_comes(sink: JournalSink) -> None:
    write(sink, "followed", "before")
    wait_for("followed", 1)
    with closing(tail_of("followed", tail=1)) as tail, closing(tail_of("silent", tail=1)) as silent:
        assert [line.text for line in drain(tail)] == ["before"]
        assert drain(silent) == []
        found: list[str] = []

        def arrived(whole: list[str]) -> bool:
            found.extend(line.text for line in drain(tail))
            return found == whole

        write(sink, "followed", "one", "two")
        wait_until(lambda: arrived(["one", "two"]), 10, "two lines")
        write(sink, "silent", "at last")
        wait_until(lambda: bool(drain(silent)), 10, "the first line of all")


def test_the_journal_is_read_where_there_is_one(sink: JournalSink) -> None:
    write(sink, "system", "hello")
    wait_for("system", 1)
    query = LogQuery(namespace=NAMESPACE, name="system", tail=5)

    with closing(CollectedLogs(NodeSettings()).open(query)) as tail:
        assert isinstance(tail, JournalTail)
