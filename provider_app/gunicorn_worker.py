"""gunicorn's threaded worker, with patience for callers that has an end.

gunicorn 20.1 gives each accepted connection a thread at once and reads from it without a time
limit, so that 64 idle connections keep everybody out. Here a connection gets a thread when it has
something to say (as from gunicorn 22 on), and a time limit on each read and write.
"""

import socket
import sys
from functools import partial
from selectors import EVENT_READ

from gunicorn.workers.gthread import TConn, ThreadWorker


class PatientWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Serves many callers of which some say nothing.

    Attributes:
        socket_timeout: seconds for each read of a request and each write of an answer.
    """

    socket_timeout = 60.0

    def handle_exit(self, sig: int, frame: object) -> None:
        """Let answers that go on for long end at once, then the others in their time."""
        served = sys.modules.get("provider_app.wsgi")
        if served is not None:
            served.provider.end_streams()
        super().handle_exit(sig, frame)

    def accept(self, server: object, listener: socket.socket) -> None:
        """Wait for a new connection's first byte as for a kept one's next."""
        try:
            accepted, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        connection = TConn(self.cfg, accepted, client, server)
        connection.set_timeout()
        self.nr_conns += 1
        with self._lock:
            self._keep.append(connection)
            ready = partial(self.reuse_connection, connection)
            self.poller.register(accepted, EVENT_READ, ready)

    def handle(self, conn: TConn) -> tuple[bool, TConn]:
        """Read a request and answer it."""
        conn.sock.settimeout(self.socket_timeout)
        served: tuple[bool, TConn] = super().handle(conn)
        return served
