"""What tests of the keeper share."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from faasd.supervisor.pulse import Patience
from tests.unit.supervisor.played import Play, Played


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    made: list[Played] = []

    def begin(program: str, patience: Patience = Patience()) -> Played:  # noqa: B008  # frozen
        played = Played(tmp_path, program, patience)
        made.append(played)
        played.keeper.start()
        return played

    yield begin
    for played in made:
        played.keeper.close()


@pytest.fixture
def service() -> Iterator["subprocess.Popen[bytes]"]:
    """The process of a core service."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()
