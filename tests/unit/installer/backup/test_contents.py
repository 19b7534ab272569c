import io
import json
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import InvalidInput
from faasd.installer.backup.contents import (
    NEEDED,
    Contents,
    Entry,
    decide_mode,
    find_place,
    parse_contents,
    render_contents,
)
from faasd.installer.backup.tape import read_file, read_list_file

ENTRY = Entry(name="secrets/openfaas-fn/key", size=3, sha256="0" * 64)
CONTENTS = Contents(
    made="2030-01-01T12:00:00+00:00",
    by="0.1.0",
    architecture="amd64",
    namespaces={"openfaas-fn": {"openfaas": "true"}},
    files=[Entry(name=name, size=1, sha256="1" * 64) for name in NEEDED],
    edited=["core/prometheus.yml"],
)


def test_what_was_written_is_read_again() -> None:
    found = parse_contents(render_contents(CONTENTS))
    assert render_contents(found) == render_contents(CONTENTS)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "etc/faasd/../passwd",
        "etc/faasd/.hidden",
        "etc/faasd",
        "etc/cron.d/x",
        "secrets/openfaas-fn/../../x",
        "secrets/../x",
        "secrets/a/b/c",
        "secrets/openfaas-fn/.x",
        "blobs/sha256/../x",
        "blobs/sha256/" + "0" * 63 + "g",
        "login/root",
        "a\0b",
        "etc/faasd/a\n",
        "",
    ],
)
def test_a_name_that_is_no_part_of_a_node_has_no_place(name: str) -> None:
    with pytest.raises(InvalidInput):
        find_place(name)


@given(st.text(max_size=60))
def test_no_name_leads_out_of_where_the_node_keeps_its_state(name: str) -> None:
    try:
        place = find_place(f"etc/faasd/{name}")
    except InvalidInput:
        return
    assert place is not None
    assert Path(place).resolve().is_relative_to("/etc/faasd")


@pytest.mark.parametrize("field", ["format", "version", "files", "namespaces", "images", "by"])
def test_a_list_that_lacks_a_field_is_refused(field: str) -> None:
    document = json.loads(render_contents(CONTENTS))
    del document[field]
    with pytest.raises(InvalidInput):
        parse_contents(json.dumps(document).encode())


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda x: (
            st.lists(x)
            | st.dictionaries(st.sampled_from(["format", "version", "files", "name"]), x)
        ),
    )
)
def test_whatever_a_list_is_it_is_read_or_refused(document: object) -> None:
    with pytest.raises(InvalidInput):
        parse_contents(json.dumps(document).encode())


@pytest.mark.parametrize("mode", [0, 0o777, 0o644])
def test_a_secret_is_for_root_alone_whatever_the_list_says(mode: int) -> None:
    assert decide_mode(Entry(name=ENTRY.name, size=1, sha256="", mode=mode)) == 0o600


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
        tarfile.DIRTYPE,
        tarfile.GNUTYPE_SPARSE,
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.GNUTYPE_LONGNAME,
    ],
)
def test_what_is_no_plain_file_is_refused_by_its_header(kind: bytes, tmp_path: Path) -> None:
    header = tarfile.TarInfo(ENTRY.name)
    header.type, header.size, header.linkname = kind, 3, "/etc/passwd"
    tape = io.BytesIO(header.tobuf(tarfile.USTAR_FORMAT) + b"abc" + bytes(509))
    with pytest.raises(InvalidInput, match="no plain file"):
        read_file(tape, ENTRY, tmp_path / "x")
    assert not (tmp_path / "x").exists()


@given(st.binary(max_size=2000))
def test_noise_is_no_list_of_contents(noise: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_list_file(io.BytesIO(noise))
