"""What makes a Debian root a node that has not been started yet."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from pi.emulation import emulated
from pi.plan import HERE, Plan
from pi.root import in_root
from pi.sources import SHIPPED, components
from pi.steps import run, step

_UNITS = (
    *("containerd", "faasd", "faasd-provider", "faasd-image-begin", "faasd-image-end"),
    *("systemd-networkd", "systemd-resolved", "ssh", "avahi-daemon"),
)
_INSTALL = f"""
dpkg -i /faasd.deb
systemctl enable {" ".join(f"{unit}.service" for unit in _UNITS)}
systemctl enable faasd-image-page-out.timer
systemctl disable apt-daily.timer apt-daily-upgrade.timer
"""
_INSTALL_LIMIT = 900.0
_GONE = (
    "faasd.deb",
    # Each machine's own.
    *("etc/ssh/ssh_host_*", "var/lib/systemd/random-seed", "var/lib/dbus/machine-id"),
    # The builder's, and what building left.
    *("etc/apt/apt.conf.d/99mmdebstrap", "etc/apt/sources.list.d/*"),
    *("var/lib/apt/lists/*", "var/cache/apt/*", "var/cache/debconf/*-old", "var/lib/dpkg/*-old"),
    *("var/log/*", "var/cache/ldconfig", "tmp/*", "run/*", "var/lib/cloud/*", "etc/*-"),
)
_DIRECTORIES = ("var/log/journal", "boot/firmware", "var/lib/faasd-image/functions")


def install_package(plan: Plan, root: Path, package: Path) -> None:
    """Install our package and have its services started at each boot."""
    shutil.copy2(package, root / "faasd.deb")
    shutil.copytree(HERE / "overlay", root, dirs_exist_ok=True)
    if not plan.firmware:
        for name in ("raspi-firmware", "raspi-extra-cmdline", "raspi-firmware-custom"):
            (root / "etc/default" / name).unlink()
    with step("package faasd (emulated)"):
        without_slow_scripts(plan, root, "divert")
        in_root(plan, root, _INSTALL, _INSTALL_LIMIT)
        without_slow_scripts(plan, root, "finish")


def without_slow_scripts(plan: Plan, root: Path, action: str) -> None:
    """Call `native`, which keeps scripts from running, and does their work afterwards."""
    with emulated(plan.architecture, plan.log):
        run([HERE / "native", action, root], _INSTALL_LIMIT * plan.patience, log=plan.log)


def finish(plan: Plan, root: Path) -> None:
    """Take away what is not of every such machine, and give it what is."""
    for pattern in _GONE:
        for path in root.glob(pattern):
            remove(path)
    for name in _DIRECTORIES:
        (root / name).mkdir(parents=True, exist_ok=True)
    # systemd makes one where it is empty, and every unit is left as it is enabled here.
    (root / "etc/machine-id").write_text("")
    resolver = root / "etc/resolv.conf"
    resolver.unlink(missing_ok=True)
    resolver.symlink_to("../run/systemd/resolve/stub-resolv.conf")
    shipped = SHIPPED.format(components=" ".join(components(firmware=plan.firmware)))
    (root / "etc/apt/sources.list").write_text(shipped)
    functions = root / "var/lib/faasd-image/functions"
    for archive in plan.functions:
        shutil.copyfile(archive, functions / archive.name)


def remove(path: Path) -> None:
    """Remove a file, a link or a directory with all in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def settle_times(root: Path, epoch: int) -> None:
    """Give everything that is newer than `epoch` that time."""
    for path in _all(root):
        if path.lstat().st_mtime > epoch or path.is_symlink():
            os.utime(path, (epoch, epoch), follow_symlinks=False)


def _all(root: Path) -> Iterable[Path]:
    for directory, names, files in os.walk(root, topdown=False):
        for name in (*files, *names):
            yield Path(directory) / name
    yield root
