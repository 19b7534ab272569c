"""Tells systemd that the provider serves, as long as it does.

Asked is the API itself, as any caller asks it, and the reconciler. A containerd that is away is no
reason to start anew, so what is asked needs none: Flask answers OPTIONS by itself.
"""

import faulthandler
import logging
import socket
import threading
import time
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException

from faasd.base.notices import Notices
from provider_app.services.health import Health

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds from one look to the next, so that `systemctl status` is not far behind."""

PATIENCE = 20.0
"""Seconds for an answer; a node that swaps is slow, not dead."""

log = logging.getLogger(__name__)


class Heartbeat:
    """A thread that asks, and tells."""

    def __init__(self, notices: Notices, health: Health, port: int) -> None:
        self._notices = notices
        self._health = health
        self._port = port
        self._is_ready = False
        self._problem = ""
        self._ended = threading.Event()
        self._asking: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="heartbeat")

    def start(self) -> None:
        """Begin; systemd is told that it is ready when the API has answered."""
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        if (asking := self._asking) is not None:
            with suppress(OSError):  # It is closed.
                asking.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._ended.wait(pause):
            problem = self._health.find_problem(time.monotonic()) or self._ask()
            if self._ended.is_set():
                return
            if problem:
                self._tell_problem(problem)
            else:
                pause = min(LONGEST_PAUSE, self._notices.pause)
                self._tell_life()

    def _tell_life(self) -> None:
        self._problem = ""
        self._notices.tell_status(self._health.describe())
        if not self._is_ready:
            self._is_ready = True
            self._notices.tell_ready()
        self._notices.beat(time.monotonic())

    def _tell_problem(self, problem: str) -> None:
        """Give no sign of life: systemd ends what gives none for long."""
        self._notices.tell_status(problem)
        if self._is_ready and not self._problem:
            log.error("%s; what each thread is at:", problem)
            faulthandler.dump_traceback()
        self._problem = problem

    def _ask(self) -> str:
        """Return what is wrong with the API, or nothing."""
        patience = min(PATIENCE, self._notices.pause)
        connection = HTTPConnection("127.0.0.1", self._port, timeout=patience)
        with closing(connection):
            try:
                connection.connect()
                self._asking = connection.sock
                connection.request("OPTIONS", "/healthz", headers={"Connection": "close"})
                connection.getresponse().read()
            except (OSError, HTTPException) as error:
                return f"the API does not answer: {str(error) or type(error).__name__}"
            finally:
                self._asking = None
        return ""
