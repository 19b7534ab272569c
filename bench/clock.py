"""Waits for an answer as tightly as can be, and tells how long it took."""

import socket
import time
from collections.abc import Callable

REQUEST = b"GET /_/health HTTP/1.1\r\nHost: bench\r\n\r\n"
PATIENCE = 30.0


def milliseconds_since(began: float) -> float:
    """Return the time since a `time.perf_counter()`."""
    return (time.perf_counter() - began) * 1000


def wait_for_first_byte(address: str, port: int = 8080) -> None:
    """Connect until something answers; raise TimedOut after PATIENCE."""
    until = time.monotonic() + PATIENCE
    while not _asked(address, port):
        if time.monotonic() > until:
            raise TimeoutError(f"{address}:{port} gave no answer in {PATIENCE} s")
        time.sleep(0.0005)


def wait_for(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait until `condition` holds, looking every 2 ms."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"not in {seconds} s: {what}")
        time.sleep(0.002)


def _asked(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=PATIENCE) as connection:
            connection.sendall(REQUEST)
            return bool(connection.recv(1))
    except OSError:
        return False
