"""The head of a request that the router sends: for which function, and what the function gets.

HAProxy has checked it before. What is not as HAProxy writes it is refused all the same, so that
nobody but the function ever judges how long a body is.
"""

import re
from dataclasses import dataclass

from faasd.base.errors import InvalidInput
from faasd.router.wanted import parse_function_name

END = b"\r\n\r\n"
FUNCTION = b"x-faasd-function"

_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) [^\x00-\x20\x7f]+ HTTP/1\.[01]")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A request's head.

    Attributes:
        key: ``NAME.NAMESPACE`` of the function.
        method: as sent.
        passed: the bytes that the function gets: without our header, and asking for an end after
            the answer, unless the request asks for an upgrade.
    """

    key: str
    method: bytes
    passed: bytes


def parse_head(head: bytes) -> Head:
    """Read a head, without the empty line that ends it.

    Raises:
        InvalidInput: it is malformed, or does not say which function it is for.
    """
    first, *lines = head.split(b"\r\n")
    request = _LINE.fullmatch(first)
    if request is None:
        raise InvalidInput("the request line is malformed")
    headers = [(name.lower(), value, line) for name, value, line in map(_read_header, lines)]
    _check_length([(name, value) for name, value, _ in headers])
    upgrade = any(
        name == b"connection" and b"upgrade" in value.lower() for name, value, _ in headers
    )
    dropped = {FUNCTION} if upgrade else {FUNCTION, b"connection"}
    kept = [first, *(line for name, _, line in headers if name not in dropped)]
    if not upgrade:
        kept.append(b"Connection: close")
    return Head(
        key=_read_function([value for name, value, _ in headers if name == FUNCTION]),
        method=request[1],
        passed=b"\r\n".join(kept) + END,
    )


def _read_header(line: bytes) -> tuple[bytes, bytes, bytes]:
    header = _HEADER.fullmatch(line)
    if header is None:
        raise InvalidInput("a header is malformed")
    return header[1], header[2].rstrip(b" \t"), line


def _check_length(headers: list[tuple[bytes, bytes]]) -> None:
    """Refuse a head of which two readers could tell where its body ends in two ways."""
    lengths = [value for name, value in headers if name == b"content-length"]
    codings = [value for name, value in headers if name == b"transfer-encoding"]
    if len(lengths) + len(codings) > 1:
        raise InvalidInput("the length of the body is told twice")
    if lengths and not re.fullmatch(rb"[0-9]{1,18}", lengths[0]):
        raise InvalidInput("the length of the body is no number")
    if codings and codings[0].lower().rpartition(b",")[2].strip() != b"chunked":
        raise InvalidInput("the body does not end in chunks")


def _read_function(values: list[bytes]) -> str:
    if len(values) != 1 or b"." not in values[0]:
        raise InvalidInput("the request does not name one function; call it through the router")
    return str(parse_function_name(values[0].decode("latin-1")))
