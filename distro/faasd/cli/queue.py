"""`faasd queue`: what waits, what failed for good, and trying that again."""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import click

from faasd.base.errors import InvalidInput
from faasd.cli.queue_api import QueueApi, open_queue_api
from faasd.cli.table import render_table

_PAGE = 1000


@click.group()
def queue() -> None:
    """Show asynchronous calls that wait or failed, and replay those that failed."""


@queue.command()
def status() -> None:
    """Show what waits, what is being called and what failed for good, by function."""
    print(render_overview(open_queue_api().overview()))


@queue.command()
@click.option("--limit", type=click.IntRange(1, _PAGE), default=20, show_default=True)
def dead(limit: int) -> None:
    """List calls that failed for good, the oldest first."""
    print(render_dead(open_queue_api().dead(limit)))


@queue.command()
@click.argument("numbers", nargs=-1, type=click.IntRange(1), metavar="[NUMBER]...")
@click.option("--all", "everything", is_flag=True, help="All there are.")
def replay(numbers: tuple[int, ...], everything: bool) -> None:  # noqa: FBT001  # click's
    """Put calls that failed for good into the queue again."""
    _act("replay", "replayed", numbers if not everything else None)


@queue.command()
@click.argument("numbers", nargs=-1, type=click.IntRange(1), metavar="[NUMBER]...")
@click.option("--all", "everything", is_flag=True, help="All there are.")
def purge(numbers: tuple[int, ...], everything: bool) -> None:  # noqa: FBT001  # click's
    """Drop calls that failed for good."""
    _act("purge", "dropped", numbers if not everything else None)


def render_overview(seen: Mapping[str, object]) -> str:
    """Return the queue as text; see `faasd.queue_worker.overview`."""
    lines = seen["functions"] if isinstance(seen["functions"], list) else []
    rows = [
        (str(line["key"]), str(line["waiting"]), str(line["in_flight"]), str(line["dead"]))
        for line in lines
    ]
    table = render_table(("FUNCTION", "WAITING", "IN FLIGHT", "DEAD"), rows)
    total = (
        f"{seen['pending']} in the queue, {seen['dead']} dead; "
        f"{_mib(seen['size'])} of {_mib(seen['size_most'])} MiB used"
    )
    return f"{table}\n\n{total}" if rows else total


def render_dead(letters: Sequence[Mapping[str, object]]) -> str:
    """Return dead letters as text; see `faasd.queue_worker.dead`."""
    if not letters:
        return "no dead letters"
    head = ("NUMBER", "FUNCTION", "CALL ID", "BYTES", "TRIES", "DIED", "REASON")
    return render_table(head, [_cells(letter) for letter in letters])


def _cells(letter: Mapping[str, object]) -> tuple[str, ...]:
    found = letter.get("death")
    death = found if isinstance(found, dict) else {}
    died = datetime.fromtimestamp(float(death.get("died", 0)), UTC)
    return (
        str(letter["number"]),
        str(letter["key"]),
        str(letter["call_id"]),
        str(letter["size"]),
        str(death.get("tries", "")),
        died.strftime("%Y-%m-%d %H:%M:%SZ"),
        str(death.get("reason", "")),
    )


def _act(what: str, done_word: str, numbers: Sequence[int] | None) -> None:
    """Act on dead letters, on all without numbers; end with 1 where one was refused."""
    api = open_queue_api()
    if numbers is not None and not numbers:
        raise InvalidInput(f"name dead letters to {what} by number (`faasd queue dead`), or --all")
    wanted = list_numbers(api) if numbers is None else numbers
    done, refused = api.act(what, wanted)
    print(f"{done} {done_word}")
    for sentence in refused:
        print(f"faasd: {sentence}", file=sys.stderr)
    sys.exit(1 if refused else 0)


def list_numbers(api: QueueApi) -> Sequence[int]:
    """Return the numbers of all dead letters there are."""
    numbers: list[int] = []
    while page := api.dead(_PAGE, numbers[-1] if numbers else 0):
        numbers += [int(str(letter["number"])) for letter in page]
    return numbers


def _mib(size: object) -> str:
    return f"{float(str(size)) / (1024 * 1024):.1f}"
