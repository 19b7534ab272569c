"""The first sector of a card: a master boot record with two partitions.

Raspberry Pis of every age read it; of GPT only the newer ones' firmware knows.
"""

import struct
from dataclasses import dataclass

SECTOR = 512
ALIGNED = 4 * 1024 * 1024
"""Bytes; cards erase in units of this size or less."""

FAT32, LINUX = 0x0C, 0x83
_TABLE, _ID = 446, 440
_NO_CHS = bytes((0xFE, 0xFF, 0xFF))
"""Stands where a cylinder would: everything counts blocks."""

_SIGNATURE = b"\x55\xaa"
_MOST_SECTORS = 1 << 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One partition: where it begins and how long it is, in bytes."""

    kind: int
    start: int
    size: int


def lay_out(fat: int, root: int) -> tuple[Partition, Partition]:
    """Return the boot partition and, behind it, the root; sizes are rounded up.

    Raises:
        ValueError: they do not fit what such a table can say.
    """
    fat, root = _aligned(fat), _aligned(root)
    if (ALIGNED + fat + root) // SECTOR >= _MOST_SECTORS:
        raise ValueError("a master boot record ends at 2 TiB")
    return (
        Partition(kind=FAT32, start=ALIGNED, size=fat),
        Partition(kind=LINUX, start=ALIGNED + fat, size=root),
    )


def boot_record(disk_id: int, partitions: tuple[Partition, ...]) -> bytes:
    """Return the sector; `disk_id` is what partitions' PARTUUIDs begin with."""
    sector = bytearray(SECTOR)
    struct.pack_into("<I", sector, _ID, disk_id)
    for place, one in enumerate(partitions):
        entry = struct.pack(
            "<B3sB3sII", 0, _NO_CHS, one.kind, _NO_CHS, one.start // SECTOR, one.size // SECTOR
        )
        sector[_TABLE + 16 * place : _TABLE + 16 * (place + 1)] = entry
    sector[-2:] = _SIGNATURE
    return bytes(sector)


def _aligned(size: int) -> int:
    return -(-size // ALIGNED) * ALIGNED
