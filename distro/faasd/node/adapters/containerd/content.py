"""The content store: blobs by digest."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from google.protobuf.empty_pb2 import Empty
from google.protobuf.field_mask_pb2 import FieldMask

from faasd.base.errors import AlreadyExists, NotFound, Overloaded, Unavailable, Unsatisfiable
from faasd.node.adapters.containerd.channel import Channel, Scope
from faasd.node.adapters.containerd.protos.content_pb2 import (
    COMMIT,
    STAT,
    WRITE,
    AbortRequest,
    Info,
    ReadContentRequest,
    ReadContentResponse,
    UpdateRequest,
    UpdateResponse,
    WriteAction,
    WriteContentRequest,
    WriteContentResponse,
)
from faasd.node.domain.image import Descriptor

CHUNK = 2**20
"""Bytes in one message."""

WRITE_TIMEOUT = 900.0
"""Seconds for one blob; a slow SD card writes 5 MB a second."""

_BUSY_PAUSE = 0.05


class Content:
    """containerd's content store."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def put(self, scope: Scope, blob: Descriptor, source: Path, labels: Mapping[str, str]) -> None:
        """Write a blob unless it is there, and set labels on it. containerd checks the digest.

        What an interrupted write brought is kept, and gone on from. While another writes the same
        blob, this waits for it.

        Raises:
            NoRoom: the disk is full.
            Unsatisfiable: the file is not what the digest says.
        """
        slow = replace(scope, timeout=WRITE_TIMEOUT)
        until = time.monotonic() + WRITE_TIMEOUT
        while (offset := self._begin(slow, blob, until)) is not None:
            with suppress(AlreadyExists, Overloaded):  # Another writer was faster.
                self._write(slow, blob, source, offset)
        if labels:
            self._label(scope, blob.digest, labels)

    def read(self, scope: Scope, digest: str) -> bytes:
        """Return a small blob whole.

        Raises:
            NotFound: it is not there.
        """
        return b"".join(self._chunks(scope, digest))

    def export(self, scope: Scope, digest: str, target: Path) -> bool:
        """Write a blob to a file, whole or not at all; tell whether it was there."""
        partial = target.with_name(f".{target.name}.{uuid4()}")
        try:
            with partial.open("wb") as file:
                for chunk in self._chunks(scope, digest):
                    file.write(chunk)
            partial.rename(target)
        except NotFound:
            return False
        finally:
            partial.unlink(missing_ok=True)
        return True

    def _chunks(self, scope: Scope, digest: str) -> Iterator[bytes]:
        answers = self._channel.stream(
            "content.v1.Content/Read",
            ReadContentRequest(digest=digest),
            ReadContentResponse,
            Scope(namespace=scope.namespace, timeout=WRITE_TIMEOUT),
        )
        return (answer.data for answer in answers)

    def _begin(self, scope: Scope, blob: Descriptor, until: float) -> int | None:
        """Return how much of a blob is written, or None when it is there whole.

        Asking so, not by Info, puts the blob under the scope's lease: nobody's removing takes it.
        """
        while True:
            try:
                return self._exchange(scope, iter([_request(STAT, blob)])).offset
            except AlreadyExists:
                return None
            except Overloaded:
                if time.monotonic() > until:
                    raise
            time.sleep(_BUSY_PAUSE)

    def _write(self, scope: Scope, blob: Descriptor, source: Path, offset: int) -> None:
        try:
            file = source.open("rb")
        except OSError as error:
            raise Unavailable(f"blob {blob.digest} cannot be read: {error}") from error
        try:
            self._exchange(scope, _requests(blob, file, offset))
        except Unsatisfiable as error:
            self._abort(scope, blob)
            if not offset:
                raise Unsatisfiable(
                    f"blob {blob.digest} is broken: {error}", field="image"
                ) from error
            # What was there of it may be broken, by a power cut: from the beginning, then.

    def _exchange(
        self, scope: Scope, requests: Iterator[WriteContentRequest]
    ) -> WriteContentResponse:
        last = WriteContentResponse()
        for answer in self._channel.exchange(
            "content.v1.Content/Write", requests, WriteContentResponse, scope
        ):
            last = answer
        return last

    def _abort(self, scope: Scope, blob: Descriptor) -> None:
        with suppress(NotFound):
            self._channel.call(
                "content.v1.Content/Abort", AbortRequest(ref=_ref(blob)), Empty, scope
            )

    def _label(self, scope: Scope, digest: str, labels: Mapping[str, str]) -> None:
        self._channel.call(
            "content.v1.Content/Update",
            UpdateRequest(
                info=Info(digest=digest, labels=labels),
                update_mask=FieldMask(paths=[f"labels.{key}" for key in labels]),
            ),
            UpdateResponse,
            scope,
        )


def _ref(blob: Descriptor) -> str:
    """Name the write: the same for all who write this blob, so that one can go on for another."""
    return f"faasd-{blob.digest}"


def _request(
    action: WriteAction, blob: Descriptor, offset: int = 0, data: bytes = b""
) -> WriteContentRequest:
    return WriteContentRequest(
        action=action,
        ref=_ref(blob),
        total=blob.size,
        expected=blob.digest,
        offset=offset,
        data=data,
    )


def _requests(blob: Descriptor, file: BinaryIO, offset: int) -> Iterator[WriteContentRequest]:
    with file:
        os.posix_fadvise(file.fileno(), offset, 0, os.POSIX_FADV_SEQUENTIAL)
        file.seek(offset)
        while chunk := file.read(CHUNK):
            yield _request(WRITE, blob, offset, chunk)
            offset += len(chunk)
        yield _request(COMMIT, blob, offset)
