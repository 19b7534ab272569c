"""`python -m bench`: everything in one run, one table."""

import os
import platform
import subprocess
import sys
from pathlib import Path

from bench.bare import Bare
from bench.cold_path import measure_cold
from bench.figures import Table
from bench.footprint import measure_footprint
from bench.front_path import measure_front
from bench.node_path import measure_node
from bench.provider_path import measure_deploy, measure_proxy, measure_scale_up
from bench.queue_path import measure_queue
from bench.stand import STATIC, Stand
from bench.steps import measure_steps

TIMES, QUICK = 30, 5
COLD, QUICK_COLD = 1000, 20


def main(arguments: list[str]) -> None:
    """Measure and print."""
    times, cold = (QUICK, QUICK_COLD) if "--quick" in arguments else (TIMES, COLD)
    table = Table()
    stand = Stand(Path(os.environ["TMPDIR"]))
    try:
        bare = Bare(stand.machine.containerd, stand.archive, STATIC)
        table.add(*measure_node(times))
        table.add(*measure_steps(times))
        stand.machine.start_programs()
        stand.machine.wait_up()
        table.add(*measure_deploy(stand, bare, times))
        table.add(*measure_scale_up(stand, times))
        table.add(*measure_proxy(stand))
        table.add(*measure_front(stand))
        table.add(*measure_cold(stand, cold))
        table.add(*measure_queue(stand))
        table.add(*measure_footprint(stand, bare))
    finally:
        stand.machine.stop()
    print(f"\n{describe_machine()}\n\n{table.as_markdown()}")


def describe_machine() -> str:
    """Return one line that says what was measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    versions = ", ".join(_version(program) for program in ("containerd", "runc"))
    cgroups = "v2" if Path("/sys/fs/cgroup/cgroup.controllers").exists() else "v1"
    return (
        f"{os.cpu_count()} cores, {memory} GiB, Linux {platform.release()} {platform.machine()}, "
        f"cgroup {cgroups}, {versions}, Python {platform.python_version()}"
    )


def _version(package: str) -> str:
    shown = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Version}", package],
        capture_output=True,
        text=True,
        check=True,
    )
    return shown.stdout


if __name__ == "__main__":
    main(sys.argv[1:])
