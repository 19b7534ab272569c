"""Block maps (bmap 2.0): which parts of an image a card must be given, each with its checksum.

What a card has elsewhere stays there, so a part that must be zero is mapped, too: only what the
root's file system says is free is left out.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

BLOCK = 4096
_CHUNK = 1 << 20
_NO_DIGEST = "0" * 64
_RANGE = '        <Range chksum="{digest}">{blocks}</Range>\n'
_MAP = """\
<?xml version="1.0" ?>
<!-- Which blocks of the image a card must be given; bmaptool copy, or Raspberry Pi Imager. -->
<bmap version="2.0">
    <ImageSize> {size} </ImageSize>
    <BlockSize> {block} </BlockSize>
    <BlocksCount> {count} </BlocksCount>
    <MappedBlocksCount> {mapped} </MappedBlocksCount>
    <ChecksumType> sha256 </ChecksumType>
    <BmapFileChecksum> {digest} </BmapFileChecksum>
    <BlockMap>
{ranges}    </BlockMap>
</bmap>
"""


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """Blocks from the first to the last, which is one of them."""

    first: int
    last: int

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


def blocks_of(start: int, end: int) -> Range:
    """Return the blocks that hold the bytes from `start` to `end`, which is not one of them."""
    return Range(start // BLOCK, (end - 1) // BLOCK)


def without(whole: Range, free: Iterable[Range]) -> Sequence[Range]:
    """Return what of `whole` is not free."""
    kept, begin = list[Range](), whole.first
    for one in sorted(free):
        if one.first > begin:
            kept.append(Range(begin, min(one.first - 1, whole.last)))
        begin = max(begin, one.last + 1)
    if begin <= whole.last:
        kept.append(Range(begin, whole.last))
    return kept


def merge(ranges: Iterable[Range]) -> Sequence[Range]:
    """Return the same blocks in as few ranges as there can be, in order."""
    merged = list[Range]()
    for one in sorted(ranges):
        if merged and one.first <= merged[-1].last + 1:
            merged[-1] = Range(merged[-1].first, max(merged[-1].last, one.last))
        else:
            merged.append(one)
    return merged


def make_bmap(image: Path, ranges: Sequence[Range]) -> str:
    """Return the map of `image`, of which `ranges` must be written."""
    size = image.stat().st_size
    lines = "".join(
        _RANGE.format(digest=_digest(image, one, size), blocks=f" {one} ") for one in ranges
    )
    values = {
        "size": size,
        "block": BLOCK,
        "count": -(-size // BLOCK),
        "mapped": sum(one.last - one.first + 1 for one in ranges),
        "ranges": lines,
    }
    # The map's own checksum is of its text with zeros where the checksum stands.
    blank = _MAP.format(digest=_NO_DIGEST, **values)
    return _MAP.format(digest=hashlib.sha256(blank.encode()).hexdigest(), **values)


def _digest(image: Path, part: Range, size: int) -> str:
    digest = hashlib.sha256()
    left = min((part.last + 1) * BLOCK, size) - part.first * BLOCK
    with image.open("rb") as file:
        file.seek(part.first * BLOCK)
        while left:
            read = file.read(min(left, _CHUNK))
            digest.update(read)
            left -= len(read)
    return digest.hexdigest()
