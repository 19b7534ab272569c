"""What functions printed, and print from now on."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing

from faasd.base.errors import NotFound
from faasd.node.domain.logs import LogLine, LogQuery
from faasd.node.ports.logs import Logs as NodeLogs
from faasd.node.ports.logs import LogTail
from provider_app.domain.function import FunctionKey
from provider_app.services.store import Store
from provider_app.services.streams import Streams


class LogStream:
    """Lines as they come. It must be closed, whether or not anything of it was read."""

    def __init__(self, lines: Iterator[Sequence[LogLine]], done: ExitStack) -> None:
        self._lines = lines
        self._done = done

    def __iter__(self) -> Iterator[Sequence[LogLine]]:
        return self._lines

    def close(self) -> None:
        """Let go of what is read from, and of the place."""
        self._done.close()


class Logs:
    """The lines of every function of the node."""

    def __init__(self, logs: NodeLogs, store: Store, streams: Streams) -> None:
        self._logs = logs
        self._store = store
        self._streams = streams

    def read(self, query: LogQuery) -> LogStream:
        """Return the lines that are there.

        Raises:
            NotFound: there is no such function.
            Overloaded: too many read at once.
        """
        done = ExitStack()
        return LogStream(_read(self._open(query, done)), done)

    def follow(self, query: LogQuery, caller: int | None) -> LogStream:
        """Return the lines that are there, and those to come.

        They end when the function is no more, the caller has left, or the provider ends.

        Raises:
            NotFound: there is no such function.
            Overloaded: too many read at once.
        """
        done = ExitStack()
        return LogStream(self._follow(query, self._open(query, done), caller), done)

    def _open(self, query: LogQuery, done: ExitStack) -> LogTail:
        if not self._store.has(_key(query)):
            raise NotFound(
                f"name: function {query.name} does not exist in namespace {query.namespace}",
                field="name",
            )
        with ExitStack() as undo:
            undo.enter_context(self._streams.place(f"the logs of {query.name}"))
            tail = undo.enter_context(closing(self._logs.open(query)))
            done.push(undo.pop_all())
        return tail

    def _follow(
        self, query: LogQuery, tail: LogTail, caller: int | None
    ) -> Iterator[Sequence[LogLine]]:
        goes_on = True
        while goes_on:
            # Asked first: what it printed before it was removed is passed on.
            is_there = self._store.has(_key(query))
            yield from _read(tail)
            goes_on = self._streams.wait(caller) and is_there


def _read(tail: LogTail) -> Iterator[Sequence[LogLine]]:
    while (lines := tail.read()) is not None:
        yield lines


def _key(query: LogQuery) -> FunctionKey:
    return FunctionKey(namespace=query.namespace, name=query.name)
