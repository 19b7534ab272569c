"""The accounts on disk."""

from pathlib import Path

import pytest

from faasd.base.errors import InvalidInput
from faasd.gateway.account import Account, Histogram
from faasd.gateway.ledger import parse_accounts, read_accounts, render_accounts, write_accounts
from faasd.gateway.log_line import BOUNDS
from faasd.router.wanted import FunctionName

ACCOUNTS = {
    FunctionName(name="echo", namespace="dev"): Account(
        base=(1, 2, 3, 4, 5),
        answered=(0, 12, 0, 0, 3),
        codes={200: 12, 502: 3},
        started_base=20,
        started=30,
        histograms={200: Histogram(buckets=(0.5,) * (len(BOUNDS) + 1), seconds=1.25)},
    )
}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "counts.json"
    write_accounts(path, render_accounts(ACCOUNTS))
    assert read_accounts(path) == ACCOUNTS
    assert [each.name for each in tmp_path.iterdir()] == ["counts.json"]


def test_no_file_is_no_accounts(tmp_path: Path) -> None:
    assert read_accounts(tmp_path / "none") == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"bounds":[],"functions":{}}',
        render_accounts(ACCOUNTS)[:-20],
        render_accounts(ACCOUNTS).replace("echo.dev", "../x"),
        render_accounts(ACCOUNTS).replace('"200":12', '"200":"12"'),
        render_accounts(ACCOUNTS).replace("[1,2,3,4,5]", "[1,2]"),
    ],
)
def test_a_damaged_file_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        parse_accounts(text)
    (tmp_path / "counts.json").write_text(text)
    assert read_accounts(tmp_path / "counts.json") == {}
