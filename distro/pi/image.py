"""The image and the files beside it, out of a root that is ready."""

import os
from collections.abc import Sequence
from pathlib import Path

from pi.bmap import Range, blocks_of, make_bmap, merge, without
from pi.boot_files import kernel_version, lay_boot
from pi.filesystems import free_blocks, join, make_boot, make_root
from pi.initrd import make_initrd, read_names
from pi.listing import Measured, make_listing, measure
from pi.partitions import SECTOR, boot_record, lay_out
from pi.plan import Plan
from pi.sbom import make_sbom
from pi.steps import run, say, step

_LIMIT = 1800.0


def write_initrd(root: Path) -> None:
    """Put the first root beside the kernel."""
    version = kernel_version(root)
    made = make_initrd(root, version, read_names())
    (root / f"boot/initrd.img-{version}").write_bytes(made.content)
    say(
        f"initrd of {version}: {len(made.content) >> 10} KiB, {len(made.modules.paths)} modules; "
        f"this kernel has no {', '.join(made.modules.unknown) or 'others'}"
    )


def make_image(plan: Plan, root: Path) -> Path:
    """Make the image of a card; return the file, whose map lies beside it."""
    parts = plan.work / "boot.fat", plan.work / "root.ext4"
    with step("file systems"):
        boot = plan.work / "boot"
        lay_boot(plan, root, boot)
        _settle(boot, plan.epoch)
        make_boot(plan, boot, parts[0])
        size = make_root(plan, root, parts[1])
    fat, ext4 = lay_out(plan.boot_size, size)
    target = plan.work / f"{plan.name}.img"
    with step("image and its map"):
        record = boot_record(int.from_bytes(plan.seed[4:8]), (fat, ext4))
        join(
            target, record, ((fat.start, parts[0]), (ext4.start, parts[1])), ext4.start + ext4.size
        )
        root_blocks = blocks_of(ext4.start, ext4.start + size)
        free = [
            Range(one.first + root_blocks.first, one.last + root_blocks.first)
            for one in free_blocks(plan, parts[1])
        ]
        whole = blocks_of(fat.start, fat.start + plan.boot_size)
        ranges = merge((blocks_of(0, SECTOR), whole, *without(root_blocks, free)))
        (plan.work / f"{plan.name}.bmap").write_text(make_bmap(target, ranges))
    return target


def publish(plan: Plan, root: Path, image: Path) -> Sequence[Path]:
    """Pack the image and put everything into the plan's directory; return the files."""
    packed = image.with_suffix(".img.xz")
    with step("compressing"):
        run(["xz", "-T2", f"-{plan.level}", "--keep", image], _LIMIT * plan.patience, log=plan.log)
    sizes = measure(image), measure(packed)
    (plan.work / f"{plan.name}.img.xz.sha256").write_text(_sum(sizes[1], packed))
    (plan.work / f"{plan.name}.os-list.json").write_text(make_listing(plan, *sizes))
    sbom = make_sbom(plan, root / "var/lib/dpkg/status")
    (plan.work / f"{plan.name}.cdx.json").write_text(sbom)
    plan.out.mkdir(parents=True, exist_ok=True)
    endings = (".img.xz", ".bmap", ".img.xz.sha256", ".os-list.json", ".cdx.json")
    for ending in endings:
        _move(plan.work / f"{plan.name}{ending}", plan.out)
    say(f"{plan.name}.img: {sizes[0].size >> 20} MiB; .img.xz: {sizes[1].size / 1e6:.0f} MB")
    say(f"SHA-256 of the image: {sizes[0].digest}")
    return [plan.out / f"{plan.name}{ending}" for ending in endings]


def _sum(measured: Measured, path: Path) -> str:
    return f"{measured.digest}  {path.name}\n"


def _move(path: Path, out: Path) -> None:
    """Move a file there, whole or not at all, also to another file system."""
    new = out / f".{path.name}.new"
    run(["cp", "--sparse=always", path, new], _LIMIT, log=Path("/dev/null"))
    new.replace(out / path.name)


def _settle(tree: Path, epoch: int) -> None:
    for path in tree.iterdir():
        os.utime(path, (epoch, epoch))
