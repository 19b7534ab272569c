"""The first partition: what a Pi's firmware reads, and what a person edits after flashing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from pi.filesystems import ROOT_LABEL
from pi.plan import HERE, Plan

FIRMWARE = "usr/lib/raspi-firmware"

_CONFIG = """\
# Read by the firmware. Debian's raspi-firmware writes it anew with each kernel:
# settings that stay belong into /etc/default/raspi-firmware-custom.
{bits}enable_uart=1
upstream_kernel=1
gpu_mem=16

kernel={kernel}
initramfs {initrd}
"""
_64_BIT = "arm_64bit=1\n"

_COMMAND_LINE = (
    "console=tty0 console=ttyS1,115200",
    f"root=LABEL={ROOT_LABEL} rootfstype=ext4 ro fsck.repair=yes rootwait net.ifnames=0",
    # The firmware switches it off, and functions' limits need it.
    "cgroup_enable=memory cgroup_memory=1",
    # Debian's kernel otherwise gives 2 MB at once to each thread that asks for 4 kB; to programs in
    # Go, which ask for such pages, with "madvise" as well.
    "transparent_hugepage=never",
    # A node that nobody watches starts again.
    "panic=10",
)


def command_line() -> str:
    """Return what the kernel is told."""
    return " ".join(_COMMAND_LINE)


def config(plan: Plan, version: str) -> str:
    """Return config.txt for the kernel `version`."""
    return _CONFIG.format(
        bits=_64_BIT if plan.architecture.bits == 64 else "",  # noqa: PLR2004
        kernel=f"vmlinuz-{version}",
        initrd=f"initrd.img-{version}",
    )


def kernel_version(root: Path) -> str:
    """Return the version of the kernel in the root, which has one."""
    (kernel,) = (root / "boot").glob("vmlinuz-*")
    return kernel.name.removeprefix("vmlinuz-")


def lay_boot(plan: Plan, root: Path, target: Path) -> None:
    """Make the tree of the first partition out of the root's files."""
    version = kernel_version(root)
    target.mkdir()
    for source in _sources(plan, root, version):
        shutil.copy2(source, target / source.name)
    (target / "config.txt").write_text(config(plan, version))
    (target / "cmdline.txt").write_text(command_line() + "\n")


def _sources(plan: Plan, root: Path, version: str) -> Iterator[Path]:
    yield root / f"boot/vmlinuz-{version}"
    yield root / f"boot/initrd.img-{version}"
    yield from sorted((HERE / "seeds").iterdir())
    trees = root / f"usr/lib/linux-image-{version}" / plan.architecture.devices
    yield from sorted(trees.glob("bcm2[78]*.dtb"))
    if plan.firmware:
        yield from sorted((root / FIRMWARE).iterdir())
