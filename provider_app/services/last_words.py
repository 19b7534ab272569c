"""The last lines that a replica printed before it failed: what its author looks for first."""

import logging
from contextlib import closing
from dataclasses import replace

from faasd.base.errors import FaasdError
from faasd.node.domain.logs import LogQuery
from faasd.node.ports.logs import Logs
from provider_app.services.views import FunctionView

LINES = 5
LONGEST = 200
"""Characters of a line; the whole of it is in the function's logs."""

REACH = 256 * 1024
"""Bytes of the function's logs that are looked through: others may have printed much more."""

READS = 32
"""More than `REACH` takes; a function that prints faster than it is read has no end."""

log = logging.getLogger(__name__)


class LastWords:
    """Adds them to functions that are told of. Thread-safe."""

    def __init__(self, logs: Logs) -> None:
        self._logs = logs

    def add(self, view: FunctionView) -> FunctionView:
        """Return a function that fails with its replica's last lines, any other as it is."""
        if not view.state.failed:
            return view
        key = view.function.key
        query = LogQuery(
            namespace=key.namespace,
            name=key.name,
            instance=view.state.failed,
            tail=LINES,
            reach=REACH,
        )
        try:
            lines = self._read(query)
        except (FaasdError, OSError) as error:
            log.warning("%s: cannot read its last lines: %s", key, error)
            return view
        text = "\n".join(line[:LONGEST] for line in lines[-LINES:])
        return replace(view, state=replace(view.state, log=text))

    def _read(self, query: LogQuery) -> list[str]:
        lines: list[str] = []
        with closing(self._logs.open(query)) as tail:
            for _ in range(READS):
                if (more := tail.read()) is None:
                    break
                lines += (line.text for line in more)
        return lines
