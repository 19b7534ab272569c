"""What of ours goes into the root: the package, the core services' images, the sample function."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from faasd.installer.core_images import (
    Scripts,
    build_core_images,
    list_core_images,
    mark_core_images,
    read_policy,
)
from faasd.installer.paths import CORE_IMAGES_DIR
from pi.plan import TREE, Plan
from pi.sources import components
from pi.steps import Words, run, say, step

_LIMIT = 900.0
SAMPLE = "echo.tar"


def build_package(plan: Plan) -> Path:
    """Build the package faasd of this tree, or take one that is there; return the file."""
    if plan.package is not None:
        return plan.package
    out = plan.work / "deb"
    with step("package faasd: build"):
        env = {"SOURCE_DATE_EPOCH": str(plan.epoch)}
        run([TREE / "distro/debian/build.sh", out], _LIMIT * plan.patience, log=plan.log, env=env)
    (package,) = out.glob("faasd_*_all.deb")
    return package


def build_images(plan: Plan, root: Path, package: Path) -> None:
    """Build the core services' images for the root's architecture, and put them there.

    The package's own scripts and code make them, so that the node takes them for its own.
    """
    scripts = _scripts_of(plan, package)
    kept = plan.cache / plan.architecture.name / "core-images"
    kept.mkdir(parents=True, exist_ok=True)
    images = list_core_images(scripts, kept, lambda names: _candidates(plan, root, names))
    stale = [image for image in images if not image.is_current]
    if stale:
        names = ", ".join(image.name for image in stale)
        with step(f"core images: {names} (nothing of it is emulated)"), _environment(plan):
            build_core_images(scripts, kept, stale)
            mark_core_images(kept, stale)
    else:
        say("core images: of an earlier run")
    shutil.copytree(kept, root / CORE_IMAGES_DIR.lstrip("/"), dirs_exist_ok=True)


def build_sample(plan: Plan, root: Path) -> Path:
    """Build the sample function with the root's busybox; return the archive."""
    target = plan.work / SAMPLE
    env = {"BUSYBOX": str(root / "bin/busybox"), "OCI_PLATFORM": plan.architecture.oci}
    with step("sample function"):
        build: Words = [TREE / "distro/functions/build.sh", "echo", target]
        run(build, _LIMIT * plan.patience, log=plan.log, env=env)
    return target


def with_sample(plan: Plan, archive: Path) -> Plan:
    """Return the plan with one more function."""
    return replace(plan, functions=(*plan.functions, archive))


def _scripts_of(plan: Plan, package: Path) -> Scripts:
    tree = plan.work / "package"
    run(["dpkg-deb", "--extract", package, tree], _LIMIT * plan.patience, log=plan.log)
    code = tree / "usr/lib/python3/dist-packages/faasd"
    # Beside the code, which the scripts then take, not another that is installed here.
    shutil.copytree(tree / "usr/share/faasd/core-image", code.parent / "core-image")
    return Scripts(directory=code.parent / "core-image", package=code)


def _candidates(plan: Plan, root: Path, names: Sequence[str]) -> Mapping[str, str]:
    """Return what the root's apt would install: its lists, read by this machine's apt."""
    settings = (
        f"Dir={root}/",
        f"Dir::State::status={root}/var/lib/dpkg/status",
        f"APT::Architecture={plan.architecture.name}",
        f"APT::Architectures={plan.architecture.name}",
        "Dir::Cache::pkgcache=",
        "Dir::Cache::srcpkgcache=",
    )
    options = [word for one in settings for word in ("-o", one)]
    asked = subprocess.run(
        ["apt-cache", *options, "policy", *names],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env=dict(os.environ) | {"LC_ALL": "C"},
    )
    return read_policy(asked.stdout)


class _environment:  # noqa: N801  # reads as a word of the `with` above
    """What distro/core-image/build.sh reads, for as long as the block runs."""

    def __init__(self, plan: Plan) -> None:
        sources = plan.work / "core.list"
        lines = (one.line(components(firmware=False)) for one in plan.sources)
        sources.write_text("\n".join(lines) + "\n")
        self._new = {"ARCHITECTURE": plan.architecture.name, "APT_SOURCES": str(sources)}

    def __enter__(self) -> None:
        os.environ.update(self._new)

    def __exit__(self, *_: object) -> None:
        for name in self._new:
            del os.environ[name]
