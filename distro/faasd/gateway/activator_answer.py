"""What the activator itself answers: one plain sentence, and the end of the connection."""

from http import HTTPStatus

from faasd.base.errors import FaasdError, NotFound
from faasd.base.node_answer import ANSWER_HEADER, UNKNOWN_FUNCTION
from faasd.http.statuses import RETRY_AFTER, status_of


def render_answer(error: FaasdError, method: bytes = b"GET") -> bytes:
    """Return the whole answer that tells of an error; to HEAD, without its body."""
    status = HTTPStatus(status_of(error))
    body = f"{error}\n".encode()
    again = f"Retry-After: {RETRY_AFTER[status]}\r\n" if status in RETRY_AFTER else ""
    unknown = f"{ANSWER_HEADER}: {UNKNOWN_FUNCTION}\r\n" if isinstance(error, NotFound) else ""
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"{again}{unknown}Connection: close\r\n\r\n"
    )
    return head.encode() + (b"" if method == b"HEAD" else body)
