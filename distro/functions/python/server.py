"""A small HTTP/1.1 server that calls `handler.handle` for each request, a thread a connection.

It stands on the C modules beneath `socket` and `signal`: those two load `enum`, `selectors` and
more, which takes as long again as the interpreter's own start, while a caller waits for a function
that was asleep. One on `socket` or on `http.server` works as well, and starts 8 or 20 ms later.
"""

import _thread
import sys
from _signal import SIGTERM, signal
from _socket import (
    AF_INET,
    IPPROTO_TCP,
    SHUT_WR,
    SO_REUSEADDR,
    SOCK_STREAM,
    SOL_SOCKET,
    TCP_NODELAY,
)
from _socket import socket as Socket  # noqa: N812  # It is a class, and looks like one here.

import handler

MOST_HEAD, MOST_BODY = 32 << 10, 1 << 20
IDLE = 75.0
"""Seconds for which a connection may be silent."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Refused(Exception):
    """A request that is not answered by the handler; the connection ends with it."""


def main(port: int) -> None:
    """Serve until SIGTERM: process 1 has no default for it."""
    signal(SIGTERM, end)
    listening = Socket(AF_INET, SOCK_STREAM)
    listening.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    listening.bind(("", port))
    listening.listen(1024)
    while True:
        descriptor, _ = listening._accept()  # noqa: SLF001  # What socket.accept() calls.
        _thread.start_new_thread(serve, (Socket(AF_INET, SOCK_STREAM, 0, descriptor),))


def end(*_: object) -> None:
    """End the process, and with it every connection."""
    raise SystemExit


def serve(connection: Socket) -> None:
    """Answer the requests of one connection, one after another."""
    read, goes_on = b"", True
    try:
        connection.settimeout(IDLE)
        connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        while goes_on:
            read, goes_on = serve_one(connection, read)
    except Refused as refusal:
        refuse(connection, str(refusal))
    except OSError:
        return  # It went away, or said nothing for too long.
    finally:
        connection.close()


def serve_one(connection: Socket, read: bytes) -> tuple[bytes, bool]:
    """Answer one request; return what came after it, and whether another may come."""
    head, read = read_head(connection, read)
    if not head:
        return b"", False
    body, read = read_body(connection, head, read)
    status, answer = call(head[0].split(b" ")[1].decode("latin-1"), body)
    reply(connection, status, answer, with_body=not head[0].startswith(b"HEAD "))
    return read, not is_last(head)


def read_head(connection: Socket, read: bytes) -> tuple[list[bytes], bytes]:
    """Return the lines of a head and what came after it; no lines where the caller has ended."""
    while b"\r\n\r\n" not in read:
        piece = connection.recv(1 << 16)
        if not piece:
            return [], b""
        read += piece
        if len(read) > MOST_HEAD:
            raise Refused("431 Request Header Fields Too Large")
    head, _, rest = read.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    if lines[0].count(b" ") != 2:  # noqa: PLR2004  # METHOD TARGET VERSION
        raise Refused("400 Bad Request")
    return lines, rest


def read_body(connection: Socket, head: list[bytes], read: bytes) -> tuple[bytes, bytes]:
    """Return a body and what came after it."""
    if find(head, b"transfer-encoding"):
        raise Refused("411 Length Required")
    said = find(head, b"content-length") or b"0"
    if not said.isdigit():
        raise Refused("400 Bad Request")
    length = int(said[:12])
    if length > MOST_BODY:
        raise Refused("413 Content Too Large")
    if len(read) < length and find(head, b"expect").lower() == b"100-continue":
        connection.sendall(CONTINUE)
    while len(read) < length:
        piece = connection.recv(1 << 16)
        if not piece:
            raise OSError("the body ends in the middle")
        read += piece
    return read[:length], read[length:]


def call(target: str, body: bytes) -> tuple[str, bytes]:
    """Return a status and an answer: the handler's, unless it is asked whether it is there."""
    if target == "/_/health":
        return "200 OK", b"ok\n"
    try:
        return "200 OK", handler.handle(target, body)
    except Exception as error:  # noqa: BLE001  # A bug of the handler must not end the others' requests.
        sys.stderr.write(f"{target}: {error!r}\n")
        return "500 Internal Server Error", b"the handler failed; its log says why\n"


def reply(
    connection: Socket, status: str, answer: bytes, *, with_body: bool, last: bool = False
) -> None:
    """Write an answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(answer)}\r\n"
    end = "Connection: close\r\n\r\n" if last else "\r\n"
    connection.sendall((head + end).encode() + (answer if with_body else b""))


def refuse(connection: Socket, status: str) -> None:
    """Answer, and read on a little, so that the sender sees the answer and no reset."""
    try:
        reply(connection, status, f"{status}\n".encode(), with_body=True, last=True)
        connection.shutdown(SHUT_WR)
        connection.settimeout(1)
        for _ in range(MOST_BODY >> 16):
            if not connection.recv(1 << 16):
                return
    except OSError:
        return


def is_last(head: list[bytes]) -> bool:
    """Tell whether the caller sends no more requests."""
    said = find(head, b"connection").lower()
    return said == b"close" or (head[0].endswith(b"/1.0") and said != b"keep-alive")


def find(head: list[bytes], name: bytes) -> bytes:
    """Return a header's value, or nothing."""
    for line in head[1:]:
        key, _, value = line.partition(b":")
        if key.lower() == name:
            return value.strip()
    return b""


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8080)
