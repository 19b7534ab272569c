"""The book as a file, so that counts go on when the gateway starts anew."""

import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

from faasd.base.errors import InvalidInput
from faasd.gateway.account import Account, Histogram
from faasd.gateway.log_line import BOUNDS
from faasd.router.tally import Classes
from faasd.router.wanted import FunctionName, parse_function_name

log = logging.getLogger(__name__)


def write_accounts(path: Path, text: str) -> None:
    """Write what `render_accounts` returned, at once or not at all.

    Raises:
        OSError: the directory is missing, full or not writable.
    """
    new = path.with_name(f".{path.name}.new")
    new.write_text(text)
    new.replace(path)


def read_accounts(path: Path) -> dict[FunctionName, Account]:
    """Return the accounts that were written; none where there are none that can be read."""
    try:
        return parse_accounts(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, InvalidInput) as error:
        log.warning("the gateway's counts begin anew: %s", error)
        return {}


def render_accounts(accounts: Mapping[FunctionName, Account]) -> str:
    """Return the accounts as JSON."""
    return json.dumps(
        {"bounds": BOUNDS, "functions": {str(f): _render(a) for f, a in accounts.items()}},
        separators=(",", ":"),
    )


def parse_accounts(text: str) -> dict[FunctionName, Account]:
    """Return the accounts that were rendered as `text`.

    Raises:
        InvalidInput: it is no such text.
    """
    try:
        data = json.loads(text)
        same_bounds = tuple(data["bounds"]) == BOUNDS
        functions = data["functions"].items()
        accounts = {parse_function_name(name): _parse(found) for name, found in functions}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"the gateway's counts on disk are damaged: {error!r}") from error
    if same_bounds:
        return accounts
    raise InvalidInput("the gateway's counts on disk are another version's")


def _render(account: Account) -> Mapping[str, object]:
    return {
        "base": account.base,
        "answered": account.answered,
        "codes": account.codes,
        "started_base": account.started_base,
        "started": account.started,
        "histograms": {
            code: [[round(count, 6) for count in found.buckets], round(found.seconds, 6)]
            for code, found in account.histograms.items()
        },
    }


def _parse(found: Mapping[str, object]) -> Account:
    return Account(
        base=_classes(found["base"]),
        answered=_classes(found["answered"]),
        codes={int(code): _int(count) for code, count in _items(found["codes"])},
        started_base=_int(found["started_base"]),
        started=_int(found["started"]),
        histograms={int(c): _histogram(value) for c, value in _items(found["histograms"])},
    )


def _histogram(value: object) -> Histogram:
    buckets, seconds = _list(value)
    counts = tuple(_number(count) for count in _list(buckets))
    if len(counts) != len(BOUNDS) + 1:
        raise ValueError(f"{len(counts)} buckets")
    return Histogram(buckets=counts, seconds=_number(seconds))


def _classes(value: object) -> Classes:
    one, two, three, four, five = map(_int, _list(value))
    return one, two, three, four, five


def _items(value: object) -> Iterable[tuple[str, object]]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no table")
    return value.items()


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value


def _int(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _number(value: object) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    return float(value)
