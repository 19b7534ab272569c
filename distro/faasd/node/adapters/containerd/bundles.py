"""What containerd leaves of a task that it was too slow to clean up after: it refuses that name.

A shim that died is cleaned up after by ``shim delete``, for which containerd has 5 s; on a starved
machine that is too little. The bundle stays until containerd is started anew.
"""

import logging
import os
import re
import shutil
import subprocess
from pathlib import Path

from faasd.base.errors import TimedOut, Unavailable

SHIM = "containerd-shim-runc-v2"
PATIENCE = 60.0
"""Seconds for a program of the clean-up."""

_REFUSAL = re.compile(r"mkdir (/\S+/io\.containerd\.runtime\.v2\.task/([^/\s]+)/([^/\s]+)): file e")

log = logging.getLogger(__name__)


def find_bundle(refusal: str, namespace: str, container: str) -> Path | None:
    """Return the directory that is in the way of a task, as containerd's refusal names it."""
    found = _REFUSAL.search(refusal)
    if found is None or found.groups()[1:] != (namespace, container):
        return None
    return Path(found[1])


def clear_bundle(bundle: Path, socket: str) -> None:
    """Do what containerd did not: end what runs of it, unmount its root, remove its files.

    Call it only of a container that has no task. Its snapshot stays as it is.

    Raises:
        TimedOut: a program takes too long.
        Unavailable: the root is still mounted.
    """
    log.warning("cleaning up what containerd left of %s", bundle.name)
    shim = [SHIM, "-namespace", bundle.parent.name, "-address", socket]
    _run([*shim, "-id", bundle.name, "-bundle", str(bundle), "delete"], bundle)
    root = bundle / "rootfs"
    if os.path.ismount(root):
        _run(["umount", "--lazy", str(root)], Path("/"))
    if os.path.ismount(root):
        raise Unavailable(f"{root} is left mounted, and cannot be unmounted")
    # What is mounted there in another mount namespace goes with the directory.
    shutil.rmtree(bundle, ignore_errors=True)


def _run(command: list[str], directory: Path) -> None:
    try:
        ended = subprocess.run(
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimedOut(f"{command[0]} takes longer than {PATIENCE:.0f} s") from error
    except OSError as error:
        log.info("%s: %s", command[0], error)
        return
    if ended.returncode:
        log.info("%s: %s", command[0], ended.stderr.decode(errors="replace").strip()[-300:])
