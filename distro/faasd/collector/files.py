"""Lines into files of JSON lines, ``NAMESPACE/NAME.log``, where there is no journal."""

import json
import os
import time
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from faasd.collector.losses import Losses
from faasd.collector.settings import CollectorSettings
from faasd.collector.source import Source

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
_SECOND = 1_000_000_000


class FileSink:
    """Appends to a file a function, each rotated by size; only the last used stay open."""

    def __init__(self, settings: CollectorSettings, losses: Losses) -> None:
        self._settings = settings
        self._losses = losses
        self._open: OrderedDict[Path, int] = OrderedDict()

    def write(self, source: Source, lines: Sequence[str]) -> None:
        """Append them, all or none, stamped with the time of now."""
        path = Path(self._settings.log_dir, source.namespace, f"{source.name}.log")
        block = "".join(_record(source, line) for line in lines).encode()
        try:
            _append(self._with_room(path, len(block)), block)
        except OSError as error:
            self._losses.add(len(lines), error)
        else:
            self._losses.end()

    def close(self) -> None:
        """Close all files."""
        while self._open:
            os.close(self._open.popitem()[1])

    def _with_room(self, path: Path, size: int) -> int:
        """Return the file, open, the old one rotated away if it would become too large."""
        fd = self._get(path)
        status = os.fstat(fd)
        if status.st_size and status.st_size + size > self._settings.file_size:
            _rotate(path, self._settings.files_kept)
        elif status.st_nlink:
            return fd
        os.close(self._open.pop(path))
        return self._get(path)

    def _get(self, path: Path) -> int:
        if path in self._open:
            self._open.move_to_end(path)
            return self._open[path]
        while len(self._open) >= self._settings.files_open:
            os.close(self._open.popitem(last=False)[1])
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        self._open[path] = os.open(path, _FLAGS, 0o640)
        return self._open[path]


def _append(fd: int, block: bytes) -> None:
    before = os.fstat(fd).st_size
    try:
        left = memoryview(block)
        while left:
            left = left[os.write(fd, left) :]
    except OSError:
        os.ftruncate(fd, before)  # a full disk takes a part; half a record would be none
        raise


def _rotate(path: Path, kept: int) -> None:
    """``NAME.log`` becomes ``NAME.log.1``, that ``.2``, and so on; the last is overwritten."""
    names = [path, *(path.with_name(f"{path.name}.{number}") for number in range(1, kept))]
    for older, newer in zip(reversed(names), reversed(names[:-1]), strict=False):
        with suppress(FileNotFoundError):
            newer.rename(older)


def _record(source: Source, line: str) -> str:
    record = {
        "timestamp": _timestamp(time.time_ns()),
        "name": source.name,
        "namespace": source.namespace,
        "instance": source.instance,
        "stream": source.stream,
        "text": line,
    }
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def _timestamp(nanoseconds: int) -> str:
    """RFC 3339 in UTC, with nanoseconds."""
    seconds, rest = divmod(nanoseconds, _SECOND)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{rest:09d}Z"
