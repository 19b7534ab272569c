"""Prints at the end of a run what these tests did."""

import pytest

from tests.contract.histories.tally import REPORT


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print it."""
    for line in REPORT:
        terminalreporter.write_line(line)
