"""What the runtime socket answers, parsed. Pure.

Formats: sections 9.1 (`show stat`) and 9.3 of HAProxy 2.6's management guide.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from faasd.base.errors import Unavailable
from faasd.router.layout import Slot
from faasd.router.wanted import Endpoint

_MAINTENANCE = 0x01 | 0x02 | 0x20
"""SRV_ADMF_FMAINT (forced), IMAINT (inherited), RMAINT (no address): no requests."""
_STATE_FIELDS = 19
_NO_ADDRESS = "0.0.0.0"  # noqa: S104  # not an address to bind: an empty slot's


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """One line of `show servers state`."""

    endpoint: Endpoint | None
    """None while it was never given an address."""
    enabled: bool
    """False in maintenance: the slot is free, or its replica sleeps."""
    up: bool
    """What the health check says; only meaningful when enabled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """One line of `show stat`: of a backend, or of one server."""

    backend: str
    server: str
    """``BACKEND`` for the backend as a whole."""
    current: int
    """Requests in flight."""
    queued: int
    rate: int
    """New requests in the last second."""
    requests: int
    by_class: tuple[int, int, int, int, int]
    """Answers with 1xx, 2xx, 3xx, 4xx, 5xx."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """The process that answers, from `show info`."""

    pid: int
    started: int
    """Unix seconds; with the number it tells one worker from all others."""

    settings: str = ""
    """The key of the settings it was started with; see `faasd.router.config.settings_key`."""

    def __str__(self) -> str:
        return f"{self.pid}@{self.started}"


def parse_servers(text: str) -> Mapping[Slot, ServerState]:
    """Return the answer to `show servers state`.

    Raises:
        Unavailable: it is in no format that is known here.
    """
    lines = text.splitlines()
    if not lines or lines[0].strip() != "1":
        raise Unavailable(f"HAProxy's `show servers state` begins with {text[:40]!r}, not with 1")
    return dict(_server(line.split()) for line in lines[1:] if line and not line.startswith("#"))


def _server(fields: list[str]) -> tuple[Slot, ServerState]:
    if len(fields) < _STATE_FIELDS:
        raise Unavailable(f"HAProxy's `show servers state` has a short line: {fields}")
    address, port = fields[4], int(fields[18])
    known = address not in (_NO_ADDRESS, "-") and port > 0
    state = ServerState(
        endpoint=Endpoint(address=address, port=port) if known else None,
        enabled=not int(fields[6]) & _MAINTENANCE,
        up=fields[5] != "0",
    )
    return (fields[1], fields[3]), state


def parse_map(text: str) -> Mapping[str, str]:
    """Return the answer to `show map FILE`: an identifier, a key and a value a line."""
    rows = (line.split(" ", 2) for line in text.splitlines() if line)
    return {key: value for _, key, value in rows}


def parse_stats(text: str) -> Iterator[Counters]:
    """Yield the answer to `show stat` (CSV), backends and servers only."""
    for row in csv.DictReader(text.removeprefix("# ").splitlines()):
        if row["svname"] != "FRONTEND":
            yield _counters(row)


def _counters(row: Mapping[str, str]) -> Counters:
    one, two, three, four, five = (int(row[f"hrsp_{number}xx"] or 0) for number in range(1, 6))
    return Counters(
        backend=row["pxname"],
        server=row["svname"],
        current=int(row["scur"] or 0),
        queued=int(row["qcur"] or 0),
        rate=int(row["rate"] or 0),
        requests=int(row["stot"] or 0),
        by_class=(one, two, three, four, five),
    )


def parse_worker(text: str) -> Worker:
    """Return the answer to `show info`.

    Raises:
        Unavailable: it names no process.
    """
    info = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
    try:
        return Worker(
            pid=int(info["Pid"]),
            started=int(info["Start_time_sec"]),
            settings=info.get("description", ""),
        )
    except KeyError as error:
        raise Unavailable(f"HAProxy's `show info` has no {error}") from None
