"""What an image of a Pi is put together from, each part read by another program than ours."""

import hashlib
import json
import re
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pi.bmap import Range, merge, without
from pi.boot_files import command_line
from pi.cpio import archive, directory, link, plain, program
from pi.emulation import ARCHITECTURES, registration
from pi.filesystems import parse_free
from pi.initrd import HERE, make_initrd, read_names
from pi.listing import Measured, make_listing
from pi.modules import find_closure, module_name, read_modules, trim_aliases
from pi.partitions import boot_record, lay_out
from pi.plan import Plan
from pi.sbom import make_sbom
from tests.images.pi_plan import EPOCH, make_plan

MODULES = Path("lib/modules/6.1.0-1-test")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan(tmp_path)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A root with a kernel of four modules, one of which is built in."""
    base = tmp_path / "tree" / MODULES
    for path, needs in (("a/ext4.ko", "a/jbd2.ko a/crc16.ko"), ("a/jbd2.ko", "a/crc16.ko")):
        (base / path).parent.mkdir(parents=True, exist_ok=True)
        (base / path).write_bytes(path.encode())
        with (base / "modules.dep").open("a") as file:
            file.write(f"{path}: {needs}\n")
    for path in ("a/crc16.ko", "b/virtio-blk.ko.xz", "b/other.ko"):
        (base / path).parent.mkdir(parents=True, exist_ok=True)
        (base / path).write_bytes(path.encode())
        with (base / "modules.dep").open("a") as file:
            file.write(f"{path}:\n")
    (base / "modules.builtin").write_text("kernel/drivers/mmc/mmc_block.ko\n")
    (base / "modules.softdep").write_text("# soft\nsoftdep ext4 pre: virtio_blk gone\n")
    (base / "modules.alias").write_text(
        "alias fs-ext4 ext4\nalias virtio:d00000002v* virtio_blk\nalias x other\n"
    )
    (tmp_path / "tree/bin").mkdir()
    (tmp_path / "tree/bin/busybox").write_bytes(Path("/bin/busybox").read_bytes())
    return tmp_path / "tree"


def test_sfdisk_reads_the_two_partitions_of_the_boot_record(tmp_path: Path) -> None:
    fat, root = lay_out(256 << 20, (1 << 30) + 1)
    image = tmp_path / "image"
    with image.open("wb") as file:
        file.truncate(root.start + root.size)
        file.write(boot_record(0xFAA5D001, (fat, root)))

    said = subprocess.run(
        ["sfdisk", "--json", image], capture_output=True, text=True, check=True, timeout=20
    )

    table = json.loads(said.stdout)["partitiontable"]
    assert (table["label"], table["id"]) == ("dos", "0xfaa5d001")
    found = [(one["start"], one["size"], one["type"]) for one in table["partitions"]]
    assert found == [(8192, 524288, "c"), (532480, 2105344, "83")]
    assert root.size == (1 << 30) + (4 << 20)


def test_a_card_that_the_boot_record_cannot_describe_is_refused() -> None:
    with pytest.raises(ValueError, match="2 TiB"):
        lay_out(1 << 20, 2 << 40)


def test_cpio_unpacks_the_archive_with_modes_and_links(tmp_path: Path) -> None:
    made = archive(
        {
            "init": program(b"#!/bin/sh\n"),
            "lib/deep/file": plain(b"x" * 5),
            "bin/sh": link("busybox"),
            "dev": directory(),
        }
    )

    subprocess.run(["busybox", "cpio", "-i"], input=made, cwd=tmp_path, check=True, timeout=20)

    assert (tmp_path / "init").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "lib/deep/file").read_bytes() == b"xxxxx"
    assert (tmp_path / "bin/sh").readlink() == Path("busybox")
    assert (tmp_path / "dev").is_dir()


def test_a_module_comes_after_all_that_it_needs(tree: Path) -> None:
    closure = find_closure(read_modules(tree / MODULES), ["ext4", "mmc-block", "nonsense"])

    assert closure.paths == ("a/crc16.ko", "a/jbd2.ko", "a/ext4.ko", "b/virtio-blk.ko.xz")
    assert closure.unknown == ("nonsense",)


def test_names_of_modules_have_no_dashes_and_no_endings() -> None:
    assert module_name("kernel/drivers/mmc/sdhci-iproc.ko.xz") == "sdhci_iproc"


def test_only_aliases_of_modules_that_are_there_are_kept() -> None:
    assert trim_aliases("alias a b\nalias c d-e\n", ["x/d_e.ko"]) == "alias c d-e\n"


def test_the_initrd_holds_the_programs_that_init_calls_and_they_are_there(
    tree: Path, tmp_path: Path
) -> None:
    made = make_initrd(tree, MODULES.name, ["ext4"])
    (tmp_path / "initrd.gz").write_bytes(made.content)
    there = tmp_path / "there"
    there.mkdir()
    subprocess.run(
        ["sh", "-c", "gzip -dc ../initrd.gz | busybox cpio -i"], cwd=there, check=True, timeout=20
    )

    listed = subprocess.run(
        [there / "bin/busybox", "--list"], capture_output=True, text=True, check=True, timeout=20
    ).stdout.split()
    script = re.sub(r"#.*|\"[^\"]*\"", "", (there / "init").read_text())
    named = {path.name for path in (there / "bin").iterdir()} - {"busybox"}
    assert named <= set(listed)
    assert set(re.findall(r"[a-z_]+", script)) & set(listed) <= named | {"echo", "true", "init"}
    assert (there / MODULES / "modules.alias").read_text() == (
        "alias fs-ext4 ext4\nalias virtio:d00000002v* virtio_blk\n"
    )
    assert (there / MODULES / "a/ext4.ko").read_bytes() == b"a/ext4.ko"
    assert not (there / MODULES / "b/other.ko").exists()


def test_the_initrd_is_the_same_each_time(tree: Path) -> None:
    made = [make_initrd(tree, MODULES.name, ["ext4"]).content for _ in range(2)]

    assert made[0] == made[1]


def test_the_list_of_modules_has_cards_disks_and_the_emulated_machine() -> None:
    assert {"ext4", "bcm2835", "sdhci-iproc", "virtio_blk", "bcm2835_wdt"} <= set(read_names())


def test_the_kernel_is_told_where_its_root_is_and_to_count_memory() -> None:
    words = command_line().split()

    assert "root=LABEL=faasd-root" in words
    assert {"cgroup_enable=memory", "cgroup_memory=1", "rootwait", "panic=10"} <= set(words)
    assert "transparent_hugepage=never" in words
    again = (HERE / "overlay/etc/default/raspi-extra-cmdline").read_text().split()
    assert set(again) <= set(words)


def test_containerd_takes_what_a_slow_card_needs() -> None:
    settings = HERE / "overlay/etc/containerd/config.toml"
    dump = ["containerd", "-c", str(settings), "config", "dump"]

    said = subprocess.run(dump, capture_output=True, text=True, check=True, timeout=20).stdout

    assert '"io.containerd.timeout.shim.cleanup" = "60s"' in said
    assert '"io.containerd.timeout.shim.load" = "60s"' in said
    assert 'bin_dir = "/usr/lib/cni"' in said


@pytest.mark.parametrize("name", ["user-data", "network-config", "meta-data"])
def test_the_files_that_a_person_edits_are_yaml_also_with_every_line_taken_in(name: str) -> None:
    text = (HERE / "seeds" / name).read_text()
    # A comment's words begin after a space, an example's do not.
    taken = re.sub(r"^#(?! |$|cloud-config)", "", text, flags=re.MULTILINE)
    if name == "network-config":
        taken = re.sub(r"^#(?=  )", "", taken, flags=re.MULTILINE)

    assert isinstance(yaml.safe_load(text), dict)
    whole = yaml.safe_load(taken)
    assert isinstance(whole, dict)
    if name == "network-config":
        points = whole["wifis"]["wlan0"]["access-points"]
        assert points == {"your network": {"password": "your password"}}


_RANGES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 9)).map(lambda p: Range(p[0], p[0] + p[1]))
)


@given(_RANGES)
def test_merging_ranges_loses_and_adds_no_block(ranges: list[Range]) -> None:
    merged = merge(ranges)

    assert _blocks(merged) == _blocks(ranges)
    assert all(a.last + 1 < b.first for a, b in pairwise(merged))


@given(_RANGES, st.integers(0, 40), st.integers(0, 40))
def test_what_is_not_free_is_mapped(free: list[Range], first: int, more: int) -> None:
    whole = Range(first, first + more)

    assert _blocks(without(whole, free)) == _blocks([whole]) - _blocks(free)


def _blocks(ranges: object) -> set[int]:
    assert isinstance(ranges, list)
    return {block for one in ranges for block in range(one.first, one.last + 1)}


def test_free_blocks_are_read_from_what_dumpe2fs_says() -> None:
    text = "  Free blocks: 5, 7-9\n  Free inodes: 12-99\n  Free blocks: \n  Free blocks: 20-21\n"

    assert parse_free(text) == [Range(5, 5), Range(7, 9), Range(20, 21)]


def test_the_emulator_is_registered_for_the_headers_of_its_programs() -> None:
    for architecture in ARCHITECTURES.values():
        line = registration(architecture, "name", Path("/usr/bin/x"))
        _, name, kind, offset, magic, mask, emulator, flags = line.split(":")

        assert (name, kind, offset, emulator, flags) == ("name", "M", "", "/usr/bin/x", "OCF")
        header = magic.encode().decode("unicode_escape").encode("latin-1")
        assert len(header) == len(mask.encode().decode("unicode_escape")) == 20
        assert header[:4] == b"\x7fELF"
        assert header[4] == architecture.bits // 32


def test_the_list_of_contents_names_each_installed_package_once(plan: Plan) -> None:
    status = plan.work / "status"
    status.write_text(
        "Package: a\nStatus: install ok installed\nVersion: 1:2+b\nArchitecture: arm64\n"
        "Description: one\n two\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: all\n\n"
    )

    made = json.loads(make_sbom(plan, status))

    assert made["bomFormat"] == "CycloneDX"
    (component,) = made["components"]
    assert component["purl"] == "pkg:deb/debian/a@1%3A2%2Bb?arch=arm64&distro=debian-12"


def test_the_imagers_entry_has_both_sizes_and_digests_and_says_that_cloud_init_is_there(
    plan: Plan,
) -> None:
    image, packed = Measured(size=5, digest="a" * 64), Measured(size=3, digest="b" * 64)

    (entry,) = json.loads(make_listing(plan, image, packed))["os_list"]

    assert (entry["extract_size"], entry["image_download_size"]) == (5, 3)
    assert (entry["extract_sha256"], entry["image_download_sha256"]) == ("a" * 64, "b" * 64)
    assert entry["init_format"] == "cloudinit"
    assert entry["url"].endswith("/faasd-1.2.3-pi-arm64-qemu.img.xz")
    assert "pi4-64bit" in entry["devices"]


def test_identifiers_come_from_the_image_not_from_chance(plan: Plan) -> None:
    assert plan.seed == hashlib.sha256(f"{plan.name} {EPOCH}".encode()).digest()
