"""Receives the answer of a queued call, as a caller's own server would."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import SimpleQueue

from faasd.supervisor.addresses import PROVIDER

_LONGEST = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """What the queue sent.

    Attributes:
        status: the function's.
    """

    status: int
    call_id: str
    body: bytes


class Receiver:
    """A server on all of the node's addresses, on a port of the kernel's choice, for one answer."""

    def __init__(self) -> None:
        """Begin to listen."""
        came: SimpleQueue[Callback] = SimpleQueue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # the library's name
                length = min(int(self.headers.get("Content-Length", "0")), _LONGEST)
                body = self.rfile.read(length)
                status = int(self.headers.get("X-Function-Status", "0"))
                call_id = self.headers.get("X-Call-Id", "")
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                came.put(Callback(status=status, call_id=call_id, body=body))

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Print nothing."""

        self._came = came
        self.server = HTTPServer(("", 0), Handler)

    @property
    def url(self) -> str:
        """Where containers reach it: the name of the node itself, as they know it."""
        return f"http://{PROVIDER}:{self.server.server_address[1]}/"

    def has_come(self) -> bool:
        """Tell whether the answer is there."""
        return not self._came.empty()

    def get(self) -> Callback:
        """Return it."""
        return self._came.get(timeout=1)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen while it lasts."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        thread.join()
        receiver.server.server_close()
