"""A whole image of a small root: flashed over a card of garbage, and read by others' programs."""

import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from pi.boot_files import FIRMWARE
from pi.customize import finish, settle_times
from pi.image import make_image, publish, write_initrd
from pi.plan import Plan
from tests.images.pi_card import BOOT_OFFSET, read_kernel, read_text, write_text
from tests.images.pi_plan import EPOCH, make_plan, with_firmware

VERSION = "6.1.0-1-test"
MODULES = f"lib/modules/{VERSION}"
FILES = {
    f"boot/vmlinuz-{VERSION}": "a kernel",
    f"{MODULES}/modules.dep": "a/ext4.ko:\n",
    f"{MODULES}/modules.alias": "alias fs-ext4 ext4\n",
    f"{MODULES}/modules.builtin": "",
    f"{MODULES}/a/ext4.ko": "a module",
    f"usr/lib/linux-image-{VERSION}/broadcom/bcm2711-rpi-4-b.dtb": "a tree",
    f"{FIRMWARE}/start4.elf": "firmware",
    "bin/busybox": "a shell",
    "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "etc/ssh/ssh_host_ed25519_key": "secret",
    "etc/apt/sources.list.d/mirror.list": "deb http://mirror.invalid bookworm main",
    "var/lib/apt/lists/a": "x",
    "var/log/bootstrap.log": "x",
    "var/lib/dpkg/status": "Package: a\nStatus: install ok installed\nVersion: 1\n"
    "Architecture: arm64\n",
    # Zeros that are a file's: they must be written over what the card had.
    "srv/zeros": "\0" * 65536,
}


@dataclass(frozen=True)
class Built:
    """What came of one run."""

    plan: Plan
    image: Path
    out: dict[str, Path]


def build(plan: Plan) -> Built:
    root = plan.work / "root"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for name in ("run", "tmp", "proc", "sys", "dev"):
        (root / name).mkdir()
    write_initrd(root)
    finish(plan, root)
    settle_times(root, plan.epoch)
    image = make_image(plan, root)
    out = publish(plan, root, image)
    return Built(plan=plan, image=image, out={path.name.partition(".")[2]: path for path in out})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(make_plan(tmp_path_factory.mktemp("built")))


@pytest.fixture
def card(built: Built, tmp_path: Path) -> Path:
    """A card that was full of garbage, flashed by the map: only what it names was written."""
    card = tmp_path / "card.img"
    size = built.image.stat().st_size
    with card.open("wb") as file:
        for _ in range(size >> 20):
            file.write(b"\xa5" * (1 << 20))
    image, bmap = (next(p for n, p in built.out.items() if n.endswith(e)) for e in ("xz", "bmap"))
    command = ["bmaptool", "copy", "--bmap", str(bmap), str(image), str(card)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    assert card.stat().st_size == size
    return card


def root_of(card: Path, tmp_path: Path) -> Path:
    """Return the second partition as a file of its own."""
    dumped = subprocess.run(
        ["sfdisk", "--json", card], capture_output=True, text=True, check=True, timeout=20
    )
    _, root = json.loads(dumped.stdout)["partitiontable"]["partitions"]
    target = tmp_path / "root.ext4"
    with card.open("rb") as source, target.open("wb") as file:
        source.seek(root["start"] * 512)
        file.write(source.read(root["size"] * 512))
    return target


def content(root: Path, name: str) -> str:
    asked = ["debugfs", "-R", f"cat /{name}", str(root)]
    return subprocess.run(asked, capture_output=True, text=True, check=True, timeout=20).stdout


def test_a_card_full_of_garbage_is_whole_after_only_what_the_map_names_was_written(
    card: Path, tmp_path: Path
) -> None:
    root = root_of(card, tmp_path)

    checked = subprocess.run(
        ["e2fsck", "-fn", root], capture_output=True, text=True, check=False, timeout=60
    )
    assert checked.returncode == 0, checked.stdout
    assert content(root, "srv/zeros") == FILES["srv/zeros"]
    subprocess.run(["mdir", "-i", f"{card}@@{BOOT_OFFSET}", "::"], check=True, timeout=20)


def test_the_firmware_finds_kernel_initrd_and_command_line(card: Path) -> None:
    found = read_kernel(card)

    assert found.kernel.read_text() == "a kernel"
    assert found.initrd.read_bytes().startswith(b"\x1f\x8b")
    assert "root=LABEL=faasd-root" in found.command_line
    assert "arm_64bit=1" in read_text(card, "config.txt")


def test_a_person_can_edit_the_settings_on_the_first_partition(card: Path) -> None:
    assert read_text(card, "user-data").startswith("#cloud-config\n")
    assert "wlan0" in read_text(card, "network-config")

    write_text(card, "user-data", "#cloud-config\nhostname: mine\n")

    assert read_text(card, "user-data") == "#cloud-config\nhostname: mine\n"


def test_cloud_init_finds_its_partition_by_the_label(card: Path) -> None:
    asked = ["blkid", "-p", "-o", "export", "-O", str(BOOT_OFFSET), str(card)]
    said = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=20).stdout

    assert "LABEL=CIDATA" in said
    assert "TYPE=vfat" in said


def test_nothing_that_is_one_machines_own_or_the_builders_is_in_the_root(
    card: Path, tmp_path: Path
) -> None:
    root = root_of(card, tmp_path)

    assert content(root, "etc/machine-id") == ""
    assert content(root, "etc/ssh/ssh_host_ed25519_key") == ""
    assert content(root, "etc/apt/sources.list.d/mirror.list") == ""
    assert "deb.debian.org" in content(root, "etc/apt/sources.list")
    assert "non-free-firmware" not in content(root, "etc/apt/sources.list")


def test_the_checksums_are_those_of_the_files(built: Built) -> None:
    by_ending = {name.split(".", 2)[-1]: path for name, path in built.out.items()}
    packed = next(p for n, p in by_ending.items() if n.endswith("xz"))
    subprocess.run(
        ["sha256sum", "--check", "--strict", f"{packed.name}.sha256"],
        cwd=packed.parent,
        check=True,
        capture_output=True,
        timeout=60,
    )
    listing = json.loads(packed.with_name(f"{built.plan.name}.os-list.json").read_text())
    (entry,) = listing["os_list"]
    assert entry["extract_sha256"] == hashlib.sha256(built.image.read_bytes()).hexdigest()
    assert entry["image_download_size"] == packed.stat().st_size


def test_the_same_input_gives_the_same_bytes(built: Built, tmp_path: Path) -> None:
    again = build(make_plan(tmp_path / "again"))

    digests = [
        {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in one.out.values()}
        for one in (built, again)
    ]
    assert digests[0] == digests[1]


def test_an_image_for_a_real_pi_has_the_firmware_and_the_device_trees(tmp_path: Path) -> None:
    plan = with_firmware(make_plan(tmp_path / "firmware"))
    firmware = build(plan)

    listed = subprocess.run(
        ["mdir", "-b", "-i", f"{firmware.image}@@{BOOT_OFFSET}", "::"],
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    ).stdout
    assert {"::/start4.elf", "::/bcm2711-rpi-4-b.dtb"} <= set(listed.split())
    assert firmware.plan.name == "faasd-1.2.3-pi-arm64"
    assert plan.epoch == EPOCH
