"""Counts what was asked, and how it was answered."""

from collections import Counter

import pytest

ANSWERS: Counter[int] = Counter()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    told = ", ".join(f"{count} times {status}" for status, count in sorted(ANSWERS.items()))
    terminalreporter.write_line(f"schemathesis asked {ANSWERS.total()} times: {told}")
