"""Lines into journald, by its native protocol.

Protocol: https://systemd.io/JOURNAL_NATIVE_PROTOCOL/, fields: systemd.journal-fields(7). A datagram
an entry, a line a field; spoken here, because libsystemd is a tenth of this process's memory.
"""

import socket
from collections.abc import Sequence

from faasd.collector.losses import Losses
from faasd.collector.source import Source

PRIORITIES = {"stdout": "6", "stderr": "4"}
"""Informational, warning."""

_PATIENCE = 5.0
"""Seconds that a journald that is busy is waited for; the FIFOs wait meanwhile."""


class JournalSink:
    """Sends each line to the journal; journald keeps, rotates and bounds it."""

    def __init__(self, path: str, losses: Losses) -> None:
        self._path = path
        self._losses = losses
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(_PATIENCE)

    def write(self, source: Source, lines: Sequence[str]) -> None:
        """Send them, an entry each."""
        fields = _fields(source)
        for line in lines:
            try:
                # To the path each time: a journald that was started again listens there anew.
                self._socket.sendto(f"{fields}MESSAGE={line}\n".encode(), self._path)
            except OSError as error:
                self._losses.add(1, error)
            else:
                self._losses.end()

    def close(self) -> None:
        """Nothing is held back."""
        self._socket.close()


def _fields(source: Source) -> str:
    return (
        f"SYSLOG_IDENTIFIER={source.identifier}\n"
        f"PRIORITY={PRIORITIES[source.stream]}\n"
        f"FAASD_NAMESPACE={source.namespace}\n"
        f"FAASD_NAME={source.name}\n"
        f"FAASD_INSTANCE={source.instance}\n"
    )
