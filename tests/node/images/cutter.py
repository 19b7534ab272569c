"""A TCP proxy that breaks connections after so many bytes of an answer."""

import select
import socket
import threading
from collections.abc import Callable


class Cutter:
    """Passes everything on to `target` until it is told to cut."""

    def __init__(self, target: str) -> None:
        host, port = target.split(":")
        self._target = (host, int(port))
        self._limit = 0
        self._closing = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.05)
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self._server.getsockname()[1]}"

    def cut_after(self, size: int) -> None:
        """Break every connection from now on after `size` bytes of answers."""
        self._limit = size

    def heal(self) -> None:
        """Pass everything on again."""
        self._limit = 0

    def close(self) -> None:
        """End all."""
        self._closing.set()
        for thread in self._threads:
            thread.join(5)
        self._server.close()

    def _start(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                caller, _ = self._server.accept()
            except TimeoutError:
                continue
            self._start(self._serve, caller)

    def _serve(self, caller: socket.socket) -> None:
        passed = 0
        with caller, socket.create_connection(self._target) as target:
            other = {caller: target, target: caller}
            while not self._closing.is_set():
                for ready in select.select([caller, target], [], [], 0.05)[0]:
                    piece = ready.recv(4096)
                    passed += len(piece) if ready is target else 0
                    if not piece or (self._limit and passed > self._limit):
                        return
                    other[ready].sendall(piece)
