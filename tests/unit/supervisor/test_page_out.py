"""What a node's own programs do not use, paged out."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from faasd.supervisor.page_out import (
    GROUPS,
    find_processes,
    has_only_zram,
    main,
    own_ranges,
    page_out,
)

SWAPS = "Filename\tType\tSize\tUsed\tPriority\n"
ZRAM = "/dev/zram0  partition\t500220\t0\t100\n"
FILE = "/swapfile  file\t500220\t0\t-2\n"
SERVICE = """
import hashlib, sys
kept = bytes(range(256)) * 40000
print(flush=True)
for line in sys.stdin:
    print(hashlib.sha256(kept).hexdigest(), flush=True)
"""


@pytest.fixture
def service() -> Iterator[subprocess.Popen[str]]:
    """A program that has 10 MB in memory, and tells their digest for each line it is given."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVICE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def ask(service: subprocess.Popen[str]) -> str:
    assert service.stdin is not None
    assert service.stdout is not None
    service.stdin.write("\n")
    service.stdin.flush()
    return service.stdout.readline()


def make_root(root: Path, swaps: str, pid: int) -> Path:
    for name, text in (
        ("proc/swaps", swaps),
        ("proc/meminfo", "MemTotal: 9 kB\nSwapFree:  1024 kB\n"),
        (f"sys/fs/cgroup/{GROUPS[0]}/gateway/cgroup.procs", f"{pid}\n"),
        (f"sys/fs/cgroup/{GROUPS[0]}-fn/hello/cgroup.procs", "1\n"),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_a_program_that_is_paged_out_goes_on_with_all_that_it_had(
    service: subprocess.Popen[str],
) -> None:
    before = ask(service)

    assert page_out(service.pid) > 10 << 20

    assert ask(service) == before


def test_a_program_that_has_ended_is_passed_over(service: subprocess.Popen[str]) -> None:
    service.kill()
    service.wait(20)

    assert page_out(service.pid) == 0


def test_core_services_are_found_and_functions_are_not(tmp_path: Path) -> None:
    root = make_root(tmp_path, SWAPS + ZRAM, 4711)

    assert list(find_processes(root / "sys/fs/cgroup")) == [4711]


def test_a_group_that_goes_meanwhile_is_passed_over(tmp_path: Path) -> None:
    root = make_root(tmp_path, SWAPS + ZRAM, 4711)
    (root / "sys/fs/cgroup" / GROUPS[0] / "gone").mkdir()

    assert list(find_processes(root / "sys/fs/cgroup")) == [4711]


def test_it_says_how_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_root(tmp_path, SWAPS + ZRAM, 4711)

    def play(_: int) -> int:
        (root / "proc/meminfo").write_text("SwapFree:  4096 kB\n")
        return 1

    (root / "proc/meminfo").write_text("MemTotal: 9 kB\nSwapFree:  7168 kB\n")
    monkeypatch.setattr("faasd.supervisor.page_out.page_out", play)
    assert main(root) == 0

    assert capsys.readouterr().out == "1 processes, 3 MiB paged out\n"


@pytest.mark.parametrize("swaps", [SWAPS, SWAPS + ZRAM + FILE, SWAPS + FILE])
def test_nothing_is_written_to_a_card(
    swaps: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not has_only_zram(swaps)

    assert main(make_root(tmp_path, swaps, 1)) == 0

    assert "nothing is paged out" in capsys.readouterr().out


def test_only_what_is_written_and_private_is_a_programs_own() -> None:
    maps = (
        "aaaa0000-aaab0000 r-xp 00000000 b3:02 1  /usr/bin/python3\n"
        "aaab0000-aaab2000 rw-p 00010000 b3:02 1  /usr/bin/python3\n"
        "bbbb0000-bbbb1000 rw-p 00000000 00:00 0 \n"
        "cccc0000-cccc1000 rw-s 00000000 00:01 9  /dev/shm/shared\n"
        "dddd0000-dddd1000 ---p 00000000 00:00 0 \n"
    )

    assert list(own_ranges(maps)) == [(0xAAAB0000, 0x2000), (0xBBBB0000, 0x1000)]
