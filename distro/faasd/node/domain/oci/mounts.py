"""What is mounted in a container."""

from typing import TypedDict

from faasd.node.domain.blueprint import Blueprint

TMP_OPTIONS = ["nosuid", "nodev", "mode=1777", "size=67108864"]
"""``/tmp`` of a read-only root: 64 MiB, which count as the container's memory."""


class MountEntry(TypedDict):
    """One of ``mounts`` of the runtime specification."""

    destination: str
    type: str
    source: str
    options: list[str]


def build_mounts(blueprint: Blueprint) -> list[MountEntry]:
    """Return the kernel's file systems, a writable ``/tmp`` where needed, and the blueprint's."""
    mounts = list(_SYSTEM)
    if blueprint.spec.read_only_root:
        mounts.append(_mount("/tmp", "tmpfs", "tmpfs", *TMP_OPTIONS))  # noqa: S108
    for mount in blueprint.mounts:
        access = "ro" if mount.read_only else "rw"
        options = ("rbind", "rprivate", "nosuid", "nodev", access)
        mounts.append(_mount(mount.target, "bind", mount.source, *options))
    return mounts


def _mount(destination: str, kind: str, source: str, *options: str) -> MountEntry:
    return {"destination": destination, "type": kind, "source": source, "options": list(options)}


_SYSTEM = (
    _mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
    _mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
    _mount(
        "/dev/pts", "devpts", "devpts",
        "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5",
    ),
    _mount(
        "/dev/shm", "tmpfs", "shm",  # noqa: S108
        "nosuid", "noexec", "nodev", "mode=1777", "size=65536k",
    ),
    _mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
    _mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
    _mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro"),
)  # fmt: skip
