"""Collects what functions print: one process and one event loop for all of them.

It stands alone: nothing that it imports knows of gRPC, HTTP or networks, so that the process
stays small (`python3 -m faasd.collector`).
"""

from faasd.collector.command import collecting_alone, command, run
from faasd.collector.settings import CollectorSettings

__all__ = ["CollectorSettings", "collecting_alone", "command", "run"]
