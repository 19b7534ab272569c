"""What issue and docs promise of sleep, updates and replicas, in one go."""

from pathlib import Path

from bench.asleep import measure_asleep
from bench.cold_plots import write_plots
from bench.figures import Table
from bench.replicas_path import measure_replicas
from bench.stand import Stand
from bench.update_path import measure_update
from bench.wakes import measure_wakes

FUNCTIONS, QUICK_FUNCTIONS = 200, 20
WAKES, QUICK_WAKES = 100, 10
SCALINGS, QUICK_SCALINGS = 10, 3
SECONDS, QUICK_SECONDS = 30.0, 6.0


def measure_scaling(stand: Stand, table: Table, *, quick: bool, plots: Path | None) -> None:
    """Measure into a table, and draw into a directory."""
    wakes = measure_wakes(stand, QUICK_WAKES if quick else WAKES)
    table.add(*(figure for one in wakes for figure in one.figures()))
    if plots is not None:
        write_plots(plots, wakes)
    table.add(*measure_update(stand, QUICK_SECONDS if quick else SECONDS))
    table.add(*measure_replicas(stand, QUICK_SCALINGS if quick else SCALINGS))
    table.add(*measure_asleep(stand, QUICK_FUNCTIONS if quick else FUNCTIONS))
