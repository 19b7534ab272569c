"""containerd's errors in our words: the one place that maps them."""

import re
from typing import cast

import grpc

from faasd.base.errors import (
    AlreadyExists,
    FaasdError,
    InUse,
    InvalidInput,
    NoRoom,
    NotFound,
    Overloaded,
    TimedOut,
    Unavailable,
    Unsatisfiable,
)

_BY_CODE: dict[grpc.StatusCode, type[FaasdError]] = {
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.ALREADY_EXISTS: AlreadyExists,
    grpc.StatusCode.FAILED_PRECONDITION: InUse,
    grpc.StatusCode.DEADLINE_EXCEEDED: TimedOut,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.CANCELLED: Unavailable,
    grpc.StatusCode.RESOURCE_EXHAUSTED: NoRoom,
    grpc.StatusCode.INVALID_ARGUMENT: InvalidInput,
    grpc.StatusCode.OUT_OF_RANGE: Overloaded,  # Two write one blob.
}
_NO_SPACE = re.compile("no space left on device|disk quota exceeded", re.IGNORECASE)
_CANNOT_RUN = re.compile(
    r"unable to start container process: (?:error during container init: )?(.*)"
)
# What containerd and its shims tell by words alone.
_BY_WORDS: tuple[tuple[re.Pattern[str], type[FaasdError]], ...] = (
    (re.compile(r"unexpected commit (?:digest|size)"), Unsatisfiable),
    (
        re.compile(r"archive/tar: |gzip: |flate: |unexpected EOF|memory limit too low"),
        Unsatisfiable,
    ),
    (re.compile(r"\blocked for "), Overloaded),
    (re.compile(r"cannot (?:pause|resume) "), InUse),
)


def translate(error: grpc.RpcError, doing: str) -> FaasdError:
    """Return what containerd's error means to us.

    Args:
        error: what a call raised.
        doing: the call, for the sentence: ``Tasks/Create``.
    """
    # What grpc raises is a call too, which its types do not tell.
    failed = cast("grpc.Call", error)
    code, details = failed.code(), failed.details() or str(failed.code())
    if _NO_SPACE.search(details):
        return NoRoom(f"the disk is full: containerd's {doing} says {details}")
    if program := _CANNOT_RUN.search(details):
        return Unsatisfiable(f"cannot run: {program[1].removesuffix(': unknown')}")
    words = (kind for pattern, kind in _BY_WORDS if pattern.search(details))
    kind = next(words, _BY_CODE.get(code, Unavailable))
    return kind(f"containerd's {doing} says: {details}")
