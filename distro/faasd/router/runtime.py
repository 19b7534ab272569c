"""A client of HAProxy's runtime socket.

Commands go as a batch over one connection in interactive mode, where each answer ends with a
prompt. A batch is sent in pieces that fit HAProxy's input buffer.
"""

import contextlib
import re
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

from faasd.base.errors import Unavailable

PROMPT = b"\n> "
PIECE = 8192
"""Bytes sent before their answers are read; HAProxy's buffer has 16,384."""
TIMEOUT = 5.0

_DONE = re.compile(r"(IP changed|port changed|no need to change|no change|nothing changed)")


class RuntimeSocket:
    """Talks to one socket; each call is one connection, so HAProxy may restart in between."""

    def __init__(self, path: Path, timeout: float = TIMEOUT) -> None:
        self._path = path
        self._timeout = timeout

    def ask(self, *commands: str) -> list[str]:
        """Return the answers to `commands`, in their order.

        Raises:
            Unavailable: HAProxy does not listen, went away, or took longer than the timeout.
        """
        with self._connected() as connection:
            return self._converse(connection, commands)

    def order(self, command: str) -> str:
        """Return what is said to one command until the other side closes the connection.

        For HAProxy's master, whose prompt is another one, and which goes away as it reloads.

        Raises:
            Unavailable: HAProxy does not listen, or took longer than the timeout.
        """
        with self._connected() as connection:
            connection.sendall(f"{command}\n".encode())
            return b"".join(_chunks(connection)).decode(errors="replace")

    def tell(self, commands: Sequence[str]) -> None:
        """Do `commands`, each of which says nothing when it went well.

        Raises:
            Unavailable: HAProxy does not answer, or refused one of them: the first is named.
        """
        for command, answer in zip(commands, self.ask(*commands), strict=True):
            if answer.strip() and not _DONE.search(answer):
                raise Unavailable(f"the router refused `{command}`: {answer.strip()}")

    @contextlib.contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(self._timeout)
                connection.connect(str(self._path))
                yield connection
        except OSError as error:
            raise Unavailable(
                f"the router does not answer at {self._path}: {error}; is HAProxy running?"
            ) from error

    def _converse(self, connection: socket.socket, commands: Sequence[str]) -> list[str]:
        connection.sendall(b"prompt\n")
        answers = _Answers(connection)
        answers.take(1)
        return [
            answer
            for piece in pieces(commands)
            for answer in answers.take_after("".join(f"{line}\n" for line in piece), len(piece))
        ]


def _chunks(connection: socket.socket) -> Iterator[bytes]:
    with contextlib.suppress(ConnectionResetError):
        while chunk := connection.recv(1 << 16):
            yield chunk


class _Answers:
    """The answering side of one conversation."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._rest = b""

    def take_after(self, text: str, count: int) -> list[str]:
        self._connection.sendall(text.encode())
        return self.take(count)

    def take(self, count: int) -> list[str]:
        """Read until there are `count` prompts; what stood before each is an answer."""
        chunks, prompts, tail = [self._rest], 0, b""
        while prompts < count:
            chunk = self._connection.recv(1 << 16)
            if not chunk:
                raise ConnectionResetError("it closed the connection")
            seen = tail + chunk
            prompts += seen.count(PROMPT)
            tail = seen[-len(PROMPT) + 1 :]
            chunks.append(chunk)
        *answers, self._rest = b"".join(chunks).split(PROMPT, count)
        return [answer.decode(errors="replace") for answer in answers]


def pieces(commands: Sequence[str]) -> Iterator[list[str]]:
    """Yield `commands` in runs of at most `PIECE` bytes, or of one command."""
    piece: list[str] = []
    size = 0
    for command in commands:
        if piece and size + len(command) + 1 > PIECE:
            yield piece
            piece, size = [], 0
        piece.append(command)
        size += len(command) + 1
    if piece:
        yield piece
