"""docs/offline.md, followed word by word on a machine that reaches nothing."""

import shutil
from pathlib import Path

import pytest

from tests.machine.pages import read_commands
from tests.offline.fresh import Ended, inside, least_memory, make_root, run

STICK = "/media/usb stick"
LIMIT = """\
limit=/sys/fs/cgroup/memory/memory.limit_in_bytes
[ -e "$limit" ] || limit=/sys/fs/cgroup/memory.max
echo {bytes} >"$limit"
"""
ALONE = """\
[ "$(ls /sys/class/net)" = lo ]
! ip route 2>/dev/null | grep . || exit 9
"""


@pytest.fixture
def root(tmp_path: Path, folder: Path) -> Path:
    """A minimal Debian, and the folder on a stick."""
    made = make_root(tmp_path / "root")
    stick = made / STICK[1:]
    stick.mkdir(parents=True)
    shutil.copytree(folder, stick / folder.name)
    return made


def _on_stick(root: Path, script: str) -> Ended:
    return inside(root, f"set -e\ncd '{STICK}'\n{script}")


@pytest.mark.timeout(400)
def test_a_machine_without_a_network_and_of_least_memory_becomes_a_node(root: Path) -> None:
    _, install, uninstall = read_commands("offline.md")
    limit = LIMIT.format(bytes=least_memory() * 1024)
    ended = _on_stick(root, f"{ALONE}{limit}{install}\nfaasd url\n{install}\n{uninstall}\n")
    assert ended.status == 0, ended.text[-8000:]
    assert ended.text.count("The function answers a call of") == 2
    assert ended.text.count("was queued, made, and its answer sent on") == 2
    assert "http://127.0.0.1:8080" in ended.text
    assert not (root / "usr/bin/faasd").exists()
    assert (root / "var/lib/faasd/secrets/basic-auth-password").is_file()


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ("echo x >>packages/runit_*.deb", "is not whole: copy it again"),
        ("rm core-images.tar", "is not whole: copy it again"),
        (
            "echo s390x >architecture; sed -i '/ .\\/architecture$/d' SHA256SUMS",
            "is for s390x, this machine is",
        ),
    ],
)
def test_a_folder_that_does_not_fit_is_refused_before_anything_is_installed(
    root: Path, spoil: str, sentence: str
) -> None:
    script = f"(cd faasd-offline && {spoil})\n/src/install.sh --offline faasd-offline"
    ended = _on_stick(root, script)
    assert ended.status == 1
    assert sentence in ended.text
    assert not (root / "usr/bin/containerd").exists()


@pytest.mark.timeout(60)
def test_a_folder_that_is_there_is_never_written_into(tree: Path, folder: Path) -> None:
    ended = run(str(tree / "distro/offline/make.sh"), str(folder))
    assert ended.status == 1
    assert "exists already" in ended.text
