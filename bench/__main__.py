"""`python -m bench`: everything in one run, one table; or the sections that are named."""

import argparse
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
from bench.scaling import measure_scaling
from bench.stand import STATIC, Stand
from bench.steps import measure_steps

TIMES, QUICK = 30, 5
COLD, QUICK_COLD = 1000, 20
SECTIONS = ("paths", "scaling")
PATIENCE = 180.0
"""Seconds for the core services to come up; nothing is measured meanwhile."""


def main(arguments: list[str]) -> None:
    """Measure and print."""
    asked = read_arguments(arguments)
    sections = asked.sections or SECTIONS
    table = Table()
    stand = Stand(Path(os.environ["TMPDIR"]))
    try:
        if "paths" in sections:
            measure_paths(stand, table, quick=asked.quick)
        else:
            _start(stand)
        if "scaling" in sections:
            measure_scaling(stand, table, quick=asked.quick, plots=asked.plots)
    finally:
        stand.machine.stop()
    print(f"\n{describe_machine()}\n\n{table.as_markdown()}")


def measure_paths(stand: Stand, table: Table, *, quick: bool) -> None:
    """Measure single paths, and what programs need; the node runs afterwards."""
    times, cold = (QUICK, QUICK_COLD) if quick else (TIMES, COLD)
    bare = Bare(stand.machine.containerd, stand.archive, STATIC)
    table.add(*measure_node(times))
    table.add(*measure_steps(times))
    _start(stand)
    table.add(*measure_deploy(stand, bare, times))
    table.add(*measure_scale_up(stand, times))
    table.add(*measure_proxy(stand))
    table.add(*measure_front(stand))
    table.add(*measure_cold(stand, cold))
    table.add(*measure_queue(stand))
    table.add(*measure_footprint(stand, bare))


def read_arguments(arguments: list[str]) -> argparse.Namespace:
    """Return `sections`, `quick` and `plots`; exit with a sentence where they are wrong."""
    parser = argparse.ArgumentParser(prog="bench/run.sh", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, for a first look")
    parser.add_argument("--plots", type=Path, metavar="DIR", help="draw cold starts there")
    asked = parser.parse_args(arguments)
    for section in asked.sections:
        if section not in SECTIONS:
            parser.error(f"there is no section {section}; there are {', '.join(SECTIONS)}")
    return asked


def _start(stand: Stand) -> None:
    stand.machine.start_programs()
    stand.machine.wait_up(PATIENCE)


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
