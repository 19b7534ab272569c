"""The content store: blobs by digest."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from google.protobuf.field_mask_pb2 import FieldMask

from faasd.base.errors import AlreadyExists, NotFound, Unavailable
from faasd.node.adapters.containerd.channel import Channel, Scope
from faasd.node.adapters.containerd.protos.content_pb2 import (
    COMMIT,
    WRITE,
    Info,
    InfoRequest,
    InfoResponse,
    ReadContentRequest,
    ReadContentResponse,
    UpdateRequest,
    UpdateResponse,
    WriteContentRequest,
    WriteContentResponse,
)
from faasd.node.domain.image import Descriptor

CHUNK = 2**20
"""Bytes in one message."""

WRITE_TIMEOUT = 900.0
"""Seconds for one blob; a slow SD card writes 5 MB a second."""


class Content:
    """containerd's content store."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def put(self, scope: Scope, blob: Descriptor, source: Path, labels: Mapping[str, str]) -> None:
        """Write a blob unless it is there, and set labels on it. containerd checks the digest.

        Raises:
            NoRoom: the disk is full.
        """
        if not self.has(scope, blob.digest):
            slow = Scope(namespace=scope.namespace, lease=scope.lease, timeout=WRITE_TIMEOUT)
            requests = _write_requests(blob, source)
            with suppress(AlreadyExists):  # Another writer may be first.
                self._write(slow, requests, blob)
        if labels:
            self._label(scope, blob.digest, labels)

    def has(self, scope: Scope, digest: str) -> bool:
        """Tell whether the namespace has the blob."""
        try:
            self._channel.call(
                "content.v1.Content/Info", InfoRequest(digest=digest), InfoResponse, scope
            )
        except NotFound:
            return False
        return True

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

    def _write(
        self, scope: Scope, requests: Iterator[WriteContentRequest], blob: Descriptor
    ) -> None:
        written = ""
        for answer in self._channel.exchange(
            "content.v1.Content/Write", requests, WriteContentResponse, scope
        ):
            written = answer.digest if answer.action == COMMIT else ""
        if written != blob.digest:
            raise Unavailable(f"containerd did not commit blob {blob.digest}")

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


def _write_requests(blob: Descriptor, source: Path) -> Iterator[WriteContentRequest]:
    # A name of its own: containerd locks names, and two writers of one blob must not wait.
    ref, offset = f"faasd-{uuid4()}", 0
    with source.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
        while chunk := file.read(CHUNK):
            yield WriteContentRequest(
                action=WRITE,
                ref=ref,
                total=blob.size,
                expected=blob.digest,
                offset=offset,
                data=chunk,
            )
            offset += len(chunk)
    yield WriteContentRequest(
        action=COMMIT, ref=ref, total=blob.size, expected=blob.digest, offset=offset
    )
