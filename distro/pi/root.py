"""The root of the image: Debian's packages first, which take long and are kept, then the rest."""

import hashlib
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from pi.emulation import emulated
from pi.initrd import read_names
from pi.plan import HERE, Plan
from pi.sources import components
from pi.steps import run, say, step

FIRMWARE_PACKAGES = ("raspi-firmware", "firmware-brcm80211")
_INSTALL_LIMIT = 1800.0
_KEEP = (
    # Packages stay for the next root.
    *("--skip=download/empty", "--skip=essential/unlink", "--skip=cleanup/apt/lists"),
)


def base_root(plan: Plan, package: Path) -> Path:
    """Return the archive of a root with everything but our own; kept for the next run.

    Raises:
        FaasdError: it could not be made.
    """
    wanted = packages(plan, package)
    lines = [one.line(components(firmware=plan.firmware)) for one in plan.sources]
    key = hashlib.sha256("\n".join((*wanted, *lines, str(plan.epoch))).encode()).hexdigest()[:16]
    directory = plan.cache / plan.architecture.name
    kept = directory / f"root-{'pi' if plan.firmware else 'qemu'}-{key}.tar"
    if kept.is_file():
        say(f"packages: of an earlier run, {kept.name}; --fresh takes newer ones")
        return kept
    sources = plan.work / "sources.list"
    sources.write_text("\n".join(lines) + "\n")
    title = f"packages for {plan.architecture.name}: {len(wanted)} and what they need (emulated)"
    with step(title), emulated(plan.architecture, plan.log):
        made = plan.work / "base.tar"
        run(
            mmdebstrap(plan, wanted, made, sources),
            _INSTALL_LIMIT * plan.patience,
            log=plan.log,
            # The kernel's package would have one made, which takes longer than all the rest.
            env={"INITRD": "No", "SOURCE_DATE_EPOCH": str(plan.epoch)},
        )
        keep(made, kept)
    return kept


def keep(made: Path, kept: Path) -> None:
    """Keep a root that was made; only then the one before of its kind goes: a run may fail."""
    made.replace(kept)
    for old in kept.parent.glob(f"{kept.name.rsplit('-', 1)[0]}-*.tar"):
        if old != kept:
            old.unlink()


def packages(plan: Plan, package: Path) -> Sequence[str]:
    """Return what is installed by name: what `package` depends on, and what is listed."""
    field = ["dpkg-deb", "--field", str(package), "Depends"]
    said = subprocess.run(field, check=True, capture_output=True, text=True, timeout=60).stdout
    firmware = FIRMWARE_PACKAGES if plan.firmware else ()
    return sorted(
        {
            *dependencies(said),
            *read_names(HERE / "packages"),
            plan.architecture.kernel,
            *firmware,
        }
    )


def dependencies(text: str) -> Sequence[str]:
    """Return the names in a Depends field: of alternatives the first."""
    names = [re.match(r"[a-z0-9][a-z0-9.+-]*", part.strip()) for part in text.split(",")]
    return [found[0] for found in names if found]


def mmdebstrap(plan: Plan, wanted: Sequence[str], target: Path, sources: Path) -> Sequence[str]:
    """Return the command that makes the root; packages that it fetched are kept."""
    archives = plan.cache / plan.architecture.name / "archives"
    archives.mkdir(parents=True, exist_ok=True)
    there = '"$1"/var/cache/apt/archives'
    return [
        *("mmdebstrap", "--variant=minbase", "--mode=root", "--format=tar"),
        f"--architectures={plan.architecture.name}",
        f"--include={','.join(wanted)}",
        *("--aptopt=Acquire::Retries 5", *_proxies()),
        *_KEEP,
        f"--setup-hook=mkdir -p {there}; cp -n {archives}/*.deb {there}/ 2>/dev/null || true",
        # raspi-firmware stops without it.
        '--essential-hook=mkdir -p "$1"/boot/firmware',
        f'--essential-hook={HERE}/native divert "$1"',
        f'--customize-hook={HERE}/native finish "$1"',
        f"--customize-hook=cp -n {there}/*.deb {archives}/; rm -f {there}/*.deb",
        *("bookworm", str(target), str(sources)),
    ]


def _proxies() -> Sequence[str]:
    """Return how this machine reaches its mirrors, for the root's apt."""
    dump = ["apt-config", "dump", "--format", '%F "%v";%n', "Acquire"]
    said = subprocess.run(dump, check=True, capture_output=True, text=True, timeout=60).stdout
    return [f"--aptopt={line}" for line in said.splitlines() if line.strip()]


def unpack(plan: Plan, archive: Path) -> Path:
    """Unpack the archive into this run's directory; return where."""
    root = plan.work / "root"
    root.mkdir()
    run(["tar", "-C", root, "--numeric-owner", "-xpf", archive], 600 * plan.patience, log=plan.log)
    return root


def in_root(plan: Plan, root: Path, script: str, limit: float) -> None:
    """Run a shell script in the root, emulated, with a /proc and processes of its own.

    Raises:
        FaasdError: it failed, or took longer than `limit` seconds.
    """
    own = ["unshare", "--pid", "--fork", "--kill-child", f"--mount-proc={root / 'proc'}"]
    clean = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/root"]
    clean += ["DEBIAN_FRONTEND=noninteractive", f"SOURCE_DATE_EPOCH={plan.epoch}"]
    with emulated(plan.architecture, plan.log):
        run(
            [*own, "chroot", root, *clean, "sh", "-euc", script],
            limit * plan.patience,
            log=plan.log,
        )
