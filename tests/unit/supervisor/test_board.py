import json
import os
import stat
from pathlib import Path

import pytest

from faasd.base.errors import InUse, Unavailable
from faasd.supervisor.board import BOARD, Notice, read_board, remove_board, write_board
from faasd.supervisor.course import Remembered
from faasd.supervisor.lock import find_holder, take_lock
from faasd.supervisor.memory import MEMORY, Memory
from tests.unit.supervisor.running import RunningSupervisor

NATS = Notice(
    name="nats",
    image="localhost/faasd/nats:latest",
    state="running",
    health="healthy",
    restarts=3,
    pid=42,
    check=("wget", "-q"),
    interval=3.0,
    timeout=2.0,
    retries=3,
)


def test_what_is_written_on_the_board_is_read_from_it(tmp_path: Path) -> None:
    write_board(tmp_path, [NATS])

    assert read_board(tmp_path) == (NATS,)
    assert [path.name for path in tmp_path.iterdir()] == [BOARD]


@pytest.mark.parametrize("text", ["", "{", "{}", "[1]", '[{"name": "nats"}]', '[{"check": 1}]'])
def test_a_board_that_is_none_of_ours_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / BOARD).write_text(text)

    assert read_board(tmp_path) == ()


def test_a_board_with_more_in_it_than_is_known_is_as_good_as_none(tmp_path: Path) -> None:
    write_board(tmp_path, [NATS])
    (entry,) = json.loads((tmp_path / BOARD).read_text())
    (tmp_path / BOARD).write_text(json.dumps([entry | {"colour": "red"}]))

    assert read_board(tmp_path) == ()


def test_a_board_that_is_taken_away_says_nothing(tmp_path: Path) -> None:
    write_board(tmp_path, [NATS])
    remove_board(tmp_path)
    remove_board(tmp_path)

    assert read_board(tmp_path) == ()


def test_what_was_wanted_is_remembered_whole_and_for_root_alone(tmp_path: Path) -> None:
    running = RunningSupervisor(tmp_path)
    running.write("  nats: {image: silent, environment: {PASSWORD: x}, mem_limit: 1g}\n")
    remembered = Remembered(wanted=tuple(running.wanted()), node_address="10.62.0.1")
    memory = Memory(tmp_path)

    memory.keep(remembered)

    assert memory.recall() == remembered
    assert stat.S_IMODE((tmp_path / MEMORY).stat().st_mode) == 0o600
    running.close()


def test_what_was_never_kept_or_is_forgotten_is_not_recalled(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.keep(Remembered(wanted=(), node_address="10.62.0.1"))
    memory.forget()

    with pytest.raises(Unavailable, match="cannot go on with the core services"):
        memory.recall()


def test_one_holds_the_lock_and_others_are_told_who(tmp_path: Path) -> None:
    before = find_holder(tmp_path)
    with take_lock(tmp_path, "/x/docker-compose.yaml"):
        holder = find_holder(tmp_path)
        with (
            pytest.raises(InUse, match=rf"process {os.getpid()}, /x/docker-compose.yaml\)"),
            take_lock(tmp_path, "/y"),
        ):
            raise AssertionError("two hold it")
    after = find_holder(tmp_path)

    assert (before, after) == (None, None)
    assert holder is not None
    assert (holder.pid, holder.file) == (os.getpid(), "/x/docker-compose.yaml")


def test_who_looks_for_the_holder_keeps_nobody_from_the_lock(tmp_path: Path) -> None:
    for _ in range(20):
        find_holder(tmp_path)
        with take_lock(tmp_path, "/x"):
            assert find_holder(tmp_path) is not None
