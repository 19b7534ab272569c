"""The bench runs what it is asked for."""

from pathlib import Path

import pytest

from bench.__main__ import read_arguments


def test_all_sections_run_unless_some_are_named() -> None:
    assert read_arguments([]).sections == []
    asked = read_arguments(["scaling", "--quick", "--plots", "drawn"])
    assert (asked.sections, asked.quick, asked.plots) == (["scaling"], True, Path("drawn"))


def test_a_section_that_there_is_none_of_is_refused_by_its_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        read_arguments(["scalling"])

    assert "no section scalling; there are paths, scaling" in capsys.readouterr().err
