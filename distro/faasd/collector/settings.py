"""Where the collector reads and writes."""

from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorSettings:
    """Paths and bounds; tests give others.

    Attributes:
        run_dir: where ``logs/`` with the FIFOs is, and the lock.
        log_dir: where ``NAMESPACE/NAME.log`` is written, unless there is a journal.
        journal_socket: journald listens there, where there is a journal.
        file_size: bytes after which a file is rotated.
        files_kept: files of one function, the one being written included.
        files_open: files open at a time.
    """

    run_dir: str = "/run/faasd"
    log_dir: str = "/var/log/faasd"
    journal_socket: str = "/run/systemd/journal/socket"
    file_size: int = 10 * MIB
    files_kept: int = 3
    files_open: int = 64

    @property
    def pipes_dir(self) -> Path:
        """The directory of the FIFOs, flat."""
        return Path(self.run_dir, "logs")
