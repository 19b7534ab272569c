"""Port `Logs`: reads what the collector wrote, from the journal or from files."""

from pathlib import Path

from faasd.node.adapters.logs.files import FileTail
from faasd.node.adapters.logs.journal import JournalTail
from faasd.node.domain.logs import LogQuery
from faasd.node.domain.settings import NodeSettings
from faasd.node.ports.logs import LogTail


class CollectedLogs:
    """Reads from where the collector writes to: the journal, where there is one."""

    def __init__(self, settings: NodeSettings) -> None:
        self._settings = settings

    def open(self, query: LogQuery) -> LogTail:
        """Begin to read."""
        if Path(self._settings.journal_socket).exists():
            return JournalTail(query)
        return FileTail(Path(self._settings.log_dir, query.namespace, f"{query.name}.log"), query)
