"""Where the packages of a Pi's image come from, and what is kept of them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import NotFound
from pi.root import dependencies, keep
from pi.sources import find_sources, parse_sources


def test_dependencies_are_names_without_versions_and_alternatives() -> None:
    assert dependencies("a (>= 1.6), b | c, python3:any (>= 3.9~), d") == ["a", "b", "python3", "d"]


def test_a_root_is_kept_until_another_of_its_kind_is_there(tmp_path: Path) -> None:
    old, other = tmp_path / "root-qemu-0.tar", tmp_path / "root-pi-0.tar"
    for path in (old, other):
        path.write_text("root")

    with pytest.raises(FileNotFoundError):
        keep(tmp_path / "never made", tmp_path / "root-qemu-1.tar")
    assert old.exists()

    (tmp_path / "made").write_text("new root")
    keep(tmp_path / "made", tmp_path / "root-qemu-1.tar")
    assert sorted(path.name for path in tmp_path.iterdir()) == [other.name, "root-qemu-1.tar"]


def test_sources_of_both_notations_are_read_and_other_suites_left_out(tmp_path: Path) -> None:
    new, old = tmp_path / "a.sources", tmp_path / "b.list"
    new.write_text(
        "Types: deb deb-src\n# a comment\nURIs: http://a/debian\n"
        "Suites: bookworm bookworm-updates bookworm-backports\nComponents: main\n"
        "Signed-By: /key\n\nTypes: deb\nURIs: http://off\nSuites: bookworm\nEnabled: no\n"
    )
    old.write_text(
        "# deb http://no bookworm main\n"
        "deb [arch=amd64 signed-by=/k] http://s bookworm-security main contrib\n"
        "deb-src http://s bookworm main\ndeb http://n nodistro main\n"
    )

    found = find_sources([new, old, tmp_path / "missing"])

    assert [one.line(("main", "non-free-firmware")) for one in found] == [
        "deb [signed-by=/key] http://a/debian bookworm main non-free-firmware",
        "deb [signed-by=/key] http://a/debian bookworm-updates main non-free-firmware",
        "deb [signed-by=/k] http://s bookworm-security main non-free-firmware",
    ]


def test_a_machine_without_sources_of_debian_12_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no source of Debian 12"):
        find_sources([tmp_path / "missing"])


@given(st.text())
def test_reading_sources_never_fails(text: str) -> None:
    assert isinstance(parse_sources(text), list)
