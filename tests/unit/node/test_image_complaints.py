"""What the errors of image tools say to people."""

import gzip
from pathlib import Path

import pytest

from faasd.base.errors import InvalidInput
from faasd.node.adapters.images.archives import read_archive
from faasd.node.adapters.images.complaints import read_complaint

UNREACHED = 'time="x" level=fatal msg="dial tcp: lookup ghcr.io: no such host"'


@pytest.mark.parametrize(
    ("subject", "begins"),
    [
        ("registry ghcr.io", "cannot reach the registry ghcr.io: there is no such host"),
        ("ghcr.io/a:1", "cannot reach the registry of ghcr.io/a:1: there is no such host"),
    ],
)
def test_a_registry_that_is_not_reached_is_named_once(subject: str, begins: str) -> None:
    assert str(read_complaint(UNREACHED, subject)).startswith(begins)


@pytest.mark.parametrize("content", [b"", b"hello\n", gzip.compress(b"hello\n"), b"x" * 2000])
def test_a_file_that_is_no_archive_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(content)

    with pytest.raises(InvalidInput) as caught:
        read_archive(file)

    said = str(caught.value)
    assert said.startswith(f"{file} is neither a docker save nor an OCI archive: ")
    assert "\n" not in said
