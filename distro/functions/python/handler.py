"""The function: answers what it was sent; `/work?rounds=N` keeps a core busy for N rounds."""

MOST_ROUNDS = 100_000_000


def handle(target: str, body: bytes) -> bytes:
    """Return the answer to one request.

    Args:
        target: path and query, as they were asked for.
        body: as it came.
    """
    path, _, query = target.partition("?")
    if path != "/work":
        return body or b"ok\n"
    key, _, value = query.partition("=")
    rounds = int(value) if key == "rounds" else 0
    return b"%d\n" % work(min(rounds, MOST_ROUNDS))


def work(rounds: int) -> int:
    """Return a number that is nowhere written down, so that it has to be reckoned."""
    number = 1
    for _ in range(rounds):
        number = (number * 1103515245 + 12345) & 0x7FFFFFFF
    return number
