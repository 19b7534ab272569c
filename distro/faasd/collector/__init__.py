"""Collects what all containers print: one process, one loop, no thread for each.

Containers write to FIFOs (`faasd.node.adapters.filesystem.pipes`); lines go to the journal, or to
rotated files where there is none.
"""

from faasd.collector.run import CollectorSettings, run

__all__ = ["CollectorSettings", "run"]
