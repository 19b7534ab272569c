import re
from pathlib import Path

from faasd.base import errors
from faasd.http.statuses import STATUSES, status_of

PAGE = Path(__file__).parents[3] / "docs/errors.md"


def test_every_error_has_a_status() -> None:
    tree = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.FaasdError)
    }

    assert tree - {errors.FaasdError} == set(STATUSES)


def test_the_page_says_what_the_table_says() -> None:
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \|", PAGE.read_text(), re.MULTILINE)

    assert {(int(status), name) for status, name in rows} == {
        (status, kind.__name__) for kind, status in STATUSES.items()
    }


def test_an_error_that_is_not_in_the_table_is_an_incident() -> None:
    assert status_of(errors.FaasdError("what?")) == 500
