"""What is unpacked is on the disk before anything says so."""

from pathlib import Path

import pytest

from faasd.base.errors import Unavailable
from faasd.node.adapters.containerd.flushing import flush_disk, flush_snapshot, written_directory
from faasd.node.adapters.containerd.protos.types_pb2 import Mount


def test_an_overlay_is_written_in_its_upper_directory_and_a_bind_mount_in_its_source() -> None:
    options = ("workdir=/c/2/work", "upperdir=/c/2/fs", "lowerdir=/c/1/fs")

    assert written_directory("overlay", options) == "/c/2/fs"
    assert written_directory("/c/1/fs", ("rw", "rbind")) == "/c/1/fs"


def test_a_snapshot_that_is_there_is_flushed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("unpacked")

    flush_snapshot([Mount(type="bind", source=str(tmp_path), options=["rw", "rbind"])])


def test_a_snapshot_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="absent cannot be written to its disk: No such file"):
        flush_disk(str(tmp_path / "absent"))
