"""What may befall a machine."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from tests.machine.containerd import unmount_below
from tests.machine.processes import require_sandbox

RUN = Path("/run/faasd")


def kill_hard(pid: int) -> None:
    """Kill one process of the sandbox."""
    require_sandbox()
    os.kill(pid, signal.SIGKILL)


def clear_run_directory() -> None:
    """Take /run/faasd and the network away, as a reboot does."""
    require_sandbox()
    unmount_below(RUN)
    shutil.rmtree(RUN, ignore_errors=True)
    for command in (["ip", "link", "delete", "openfaas0"], ["nft", "flush", "ruleset"]):
        subprocess.run(command, check=False, capture_output=True, timeout=10)
