"""Counts the tests of a run, tells how many ran on real containerd, and fails on a skip."""

import os
from pathlib import Path

import pytest


class Tally:
    """A pytest plugin. `test.sh` reads the counts from the file that FAASD_TALLY names."""

    def __init__(self) -> None:
        self._passed: set[str] = set()
        self._failed: set[str] = set()
        self._skipped: set[str] = set()
        self._marked: set[str] = set()
        self._real: set[str] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        marked = (item for item in session.items if item.get_closest_marker("containerd"))
        self._marked = {item.nodeid for item in marked}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped:
            self._skipped.add(report.nodeid)
        elif report.failed:
            self._failed.add(report.nodeid)
        elif report.when == "call":
            self._passed.add(report.nodeid)
        if report.when == "call" and report.nodeid in self._marked:
            self._real.add(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self._skipped.add(report.nodeid)
        elif report.failed:
            self._failed.add(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._skipped:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if path := os.environ.get("FAASD_TALLY"):
            passed = len(self._passed - self._failed)
            counts = (passed, len(self._failed), len(self._skipped), len(self._real))
            Path(path).write_text(" ".join(map(str, counts)) + "\n")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_line(f"{len(self._real)} tests ran on real containerd")
        for nodeid in sorted(self._skipped):
            terminalreporter.write_line(f"a skip counts as a failure: {nodeid}", red=True)
