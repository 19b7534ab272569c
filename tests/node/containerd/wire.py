"""What containerd itself says its messages are: Go programs carry their protobuf descriptors."""

import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.message import DecodeError

BINARY = Path("/usr/bin/containerd")
_GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
"""How the generated code's compressor begins: no time, best compression, no system named."""

_LONGEST = 2**18


@cache
def embedded_files() -> tuple[FileDescriptorProto, ...]:
    """Return every .proto file that the containerd on this machine was built with."""
    return tuple(_files(BINARY.read_bytes()))


def _files(binary: bytes) -> Iterator[FileDescriptorProto]:
    at = binary.find(_GZIP)
    while at >= 0:
        try:
            text = zlib.decompressobj(wbits=31).decompress(binary[at : at + _LONGEST])
            yield FileDescriptorProto.FromString(text)
        except (zlib.error, DecodeError):
            pass  # Something else that is compressed.
        at = binary.find(_GZIP, at + 1)
