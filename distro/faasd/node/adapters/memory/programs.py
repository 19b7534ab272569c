"""What containers of the in-memory machine run: a program is the first word of the arguments.

``/bin/serve`` listens on port 8080 and echoes; ``/bin/exit N`` ends at once with status N;
``/bin/silent`` runs and never listens; ``/bin/stubborn`` serves and ignores SIGTERM.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Event, Thread
from typing import Protocol

from faasd.base.errors import Unsatisfiable

PORT = 8080
OnExit = Callable[[int], None]
"""Called with the exit status when a program ends by itself."""


class Process(Protocol):
    """A running program."""

    def terminate(self) -> bool:
        """Take SIGTERM; tell whether the program ends by it."""
        ...

    def end(self) -> None:
        """End now, its port closed."""
        ...

    def pause(self) -> None:
        """Stop answering; connections wait."""
        ...

    def resume(self) -> None:
        """Go on."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How to run a program."""

    arguments: Sequence[str]
    env: Mapping[str, str]
    address: str
    on_exit: OnExit


class Silent:
    """A process that does nothing."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch

    def terminate(self) -> bool:
        """End by SIGTERM."""
        return True

    def end(self) -> None:
        """End."""

    def pause(self) -> None:
        """Freeze."""

    def resume(self) -> None:
        """Thaw."""


class Exiting(Silent):
    """A process that ends at once, with the status of its first argument."""

    def __init__(self, launch: Launch) -> None:
        super().__init__(launch)
        launch.on_exit(int(launch.arguments[1]) if len(launch.arguments) > 1 else 0)


class Serving:
    """A process that answers HTTP with what it was asked, and its environment."""

    def __init__(self, launch: Launch) -> None:
        self._thawed = Event()
        self._thawed.set()
        self._server = _Server((launch.address, PORT), self._thawed, dict(launch.env))
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def terminate(self) -> bool:
        """End by SIGTERM."""
        return True

    def end(self) -> None:
        """Close the port and wait for requests under way."""
        self._thawed.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def pause(self) -> None:
        """Let requests wait."""
        self._thawed.clear()

    def resume(self) -> None:
        """Let them go on."""
        self._thawed.set()


class Stubborn(Serving):
    """A server that ends by SIGKILL only."""

    def terminate(self) -> bool:
        """Ignore SIGTERM."""
        return False


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], thawed: Event, env: dict[str, str]) -> None:
        self.thawed = thawed
        self.env = env
        super().__init__(address, _Echo)

    def server_bind(self) -> None:
        """Bind without looking the address's name up, for which a name server may take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), PORT


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"  # One request a connection: ending a server waits for none.
    server: _Server

    def _answer(self) -> None:
        self.server.thawed.wait()
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode(errors="replace")
        headers = {key.lower(): value for key, value in self.headers.items()}
        answer = json.dumps(
            {
                "method": self.command,
                "path": self.path,
                "headers": headers,
                "body": body,
                "env": self.server.env,
            }
        ).encode()
        status = int(self.headers.get("X-Want-Status", "200"))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        if location := self.headers.get("X-Want-Location"):
            self.send_header("Location", location)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


PROGRAMS: Mapping[str, Callable[[Launch], Process]] = {
    "/bin/serve": Serving,
    "/bin/exit": Exiting,
    "/bin/silent": Silent,
    "/bin/stubborn": Stubborn,
}


def launch(how: Launch) -> Process:
    """Run the program that the arguments name.

    Raises:
        Unsatisfiable: there is no such program.
    """
    program = PROGRAMS.get(how.arguments[0]) if how.arguments else None
    if program is None:
        raise Unsatisfiable(f"cannot run {' '.join(how.arguments)!r}: no such program in the image")
    return program(how)
