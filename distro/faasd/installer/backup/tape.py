"""A tar stream of plain files, so that `tar` reads it too. Anything else in one is refused.

Python's own reader takes links, devices, sparse files and headers of any length; this takes the
files that are expected, in their order, and writes them where it is told, not where they say.
"""

import hashlib
import tarfile
from pathlib import Path
from typing import IO, Protocol

from faasd.base.errors import InvalidInput
from faasd.installer.backup.contents import LIST, MOST_SIZE, Entry

_BLOCK = tarfile.BLOCKSIZE
_CHUNK = 2**20
_MOST_LIST = 16 * 2**20


class Source(Protocol):
    """What can be read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; fewer, or none, at the end."""
        ...


def write_bytes(target: IO[bytes], name: str, content: bytes) -> None:
    """Write one file that is in memory."""
    target.write(_header(name, len(content), 0o600))
    target.write(content + _padding(len(content)))


def write_file(target: IO[bytes], entry: Entry, source: Path) -> None:
    """Write one file; it must be as its entry says.

    Raises:
        InvalidInput: it changed, or is too large.
    """
    target.write(_header(entry.name, entry.size, entry.mode))
    with source.open("rb") as file:
        left = entry.size
        while left and (chunk := file.read(min(left, _CHUNK))):
            target.write(chunk)
            left -= len(chunk)
    if left:
        raise InvalidInput(f"{source} became shorter while it was read")
    target.write(_padding(entry.size))


def write_end(target: IO[bytes]) -> None:
    """End the stream."""
    target.write(bytes(2 * _BLOCK))


def read_list_file(source: Source) -> bytes:
    """Return the list of contents, which comes first.

    Raises:
        InvalidInput: something else does.
    """
    header = _read_header(source)
    if header.name != LIST or header.size > _MOST_LIST:
        raise InvalidInput("it does not begin with a list of contents")
    content = _read_all(source, header.size)
    _read_all(source, len(_padding(header.size)))
    return content


def read_file(source: Source, entry: Entry, target: Path) -> None:
    """Read the file that must come now, and put it at `target`.

    Raises:
        InvalidInput: another comes, or it is not what its entry says.
    """
    header = _read_header(source)
    if (header.name, header.size) != (entry.name, entry.size):
        raise InvalidInput(f"{header.name[:120]!r} comes where {entry.name} should")
    digest, left = hashlib.sha256(), entry.size
    with target.open("xb") as file:
        while left:
            chunk = _read_all(source, min(left, _CHUNK))
            digest.update(chunk)
            file.write(chunk)
            left -= len(chunk)
    _read_all(source, len(_padding(entry.size)))
    if digest.hexdigest() != entry.sha256:
        raise InvalidInput(f"the checksum of {entry.name} is wrong")


def read_end(source: Source) -> None:
    """Read the end.

    Raises:
        InvalidInput: more comes.
    """
    if _read_all(source, 2 * _BLOCK).strip(b"\0") or source.read(1):
        raise InvalidInput("it holds more than its list of contents says")


def _header(name: str, size: int, mode: int) -> bytes:
    if size > MOST_SIZE:
        raise InvalidInput(f"{name} is larger than a backup can hold: {size} bytes")
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, mode
    try:
        return entry.tobuf(tarfile.USTAR_FORMAT)
    except ValueError as error:
        raise InvalidInput(f"a backup cannot hold a file of the name {name}: {error}") from error


def _read_header(source: Source) -> tarfile.TarInfo:
    block = _read_all(source, _BLOCK)
    try:
        header = tarfile.TarInfo.frombuf(block, "ascii", "strict")
    except (tarfile.HeaderError, ValueError) as error:
        raise InvalidInput(f"it is malformed inside: {error}") from error
    if header.type != tarfile.REGTYPE or not 0 <= header.size <= MOST_SIZE:
        raise InvalidInput(f"it holds {header.name[:120]!r}, which is no plain file")
    return header


def _read_all(source: Source, size: int) -> bytes:
    content = source.read(size)
    if len(content) < size:
        raise InvalidInput("it ends too early")
    return content


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)
