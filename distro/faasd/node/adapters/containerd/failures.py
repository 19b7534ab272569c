"""containerd's errors in our words: the one place that maps them."""

import re
from typing import cast

import grpc

from faasd.base.errors import (
    AlreadyExists,
    FaasdError,
    InUse,
    NoRoom,
    NotFound,
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
}
_NO_SPACE = re.compile("no space left on device|disk quota exceeded", re.IGNORECASE)
_CANNOT_RUN = re.compile(
    r"unable to start container process: (?:error during container init: )?(.*)"
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
    kind = _BY_CODE.get(code, Unavailable)
    return kind(f"containerd's {doing} says: {details}")
