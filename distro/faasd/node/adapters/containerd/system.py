"""Ports `Namespaces` and `Machine`: containerd as a whole."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

from google.protobuf.empty_pb2 import Empty
from google.protobuf.field_mask_pb2 import FieldMask

from faasd.base.errors import AlreadyExists, NotFound, Unavailable
from faasd.node.adapters.containerd.channel import ANYWHERE, Channel, Scope
from faasd.node.adapters.containerd.clearing import clear_namespace
from faasd.node.adapters.containerd.protos import introspection_pb2
from faasd.node.adapters.containerd.protos import namespaces_pb2 as pb
from faasd.node.adapters.containerd.protos.version_pb2 import VersionResponse
from faasd.node.domain.image import Platform


class ContainerdNamespaces:
    """containerd's namespaces."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def ensure(self, namespace: str, labels: Mapping[str, str]) -> None:
        """Make it, or set these of its labels."""
        try:
            self.create(namespace, labels)
        except AlreadyExists:
            self._update(namespace, labels, [f"labels.{key}" for key in labels])

    def create(self, namespace: str, labels: Mapping[str, str]) -> None:
        """Make it."""
        # The event that containerd tells of it needs a namespace, as any does: its own.
        scope = Scope(namespace=namespace)
        message = pb.Namespace(name=namespace, labels=labels)
        self._channel.call(
            "namespaces.v1.Namespaces/Create",
            pb.CreateNamespaceRequest(namespace=message),
            pb.CreateNamespaceResponse,
            scope,
        )

    def set_labels(self, namespace: str, labels: Mapping[str, str]) -> None:
        """Replace its labels: without a mask, containerd drops the others.

        It would make a namespace that is not there, so that it is asked before.
        """
        if namespace not in self.list():
            raise NotFound(f"there is no namespace {namespace}")
        self._update(namespace, labels, [])

    def clear(self, namespace: str) -> None:
        """Drop leases and images, then let the garbage collector run."""
        clear_namespace(self._channel, namespace)

    def _update(self, namespace: str, labels: Mapping[str, str], paths: Sequence[str]) -> None:
        request = pb.UpdateNamespaceRequest(
            namespace=pb.Namespace(name=namespace, labels=labels),
            update_mask=FieldMask(paths=paths),
        )
        self._channel.call(
            "namespaces.v1.Namespaces/Update",
            request,
            pb.UpdateNamespaceResponse,
            Scope(namespace=namespace),
        )

    def list(self) -> Mapping[str, Mapping[str, str]]:
        """Return the labels of each."""
        answer = self._channel.call(
            "namespaces.v1.Namespaces/List",
            pb.ListNamespacesRequest(),
            pb.ListNamespacesResponse,
            ANYWHERE,
        )
        return {namespace.name: dict(namespace.labels) for namespace in answer.namespaces}

    def remove(self, namespace: str) -> None:
        """Remove an empty one."""
        request = pb.DeleteNamespaceRequest(name=namespace)
        try:
            self._channel.call(
                "namespaces.v1.Namespaces/Delete", request, Empty, Scope(namespace=namespace)
            )
        except NotFound:
            return


class ContainerdMachine:
    """containerd itself."""

    def __init__(self, channel: Channel, snapshotter: str) -> None:
        self._channel = channel
        self._snapshotter = snapshotter

    def version(self) -> str:
        """Return ``containerd 1.6.20``."""
        answer = self._channel.call(
            "version.v1.Version/Version", Empty(), VersionResponse, ANYWHERE
        )
        return f"containerd {answer.version.partition('~')[0]}"

    def platform(self) -> Platform:
        """Return the platform that the snapshotter says it is for."""
        answer = self._channel.call(
            "introspection.v1.Introspection/Plugins",
            introspection_pb2.PluginsRequest(filters=[f"id=={self._snapshotter}"]),
            introspection_pb2.PluginsResponse,
            ANYWHERE,
        )
        for plugin in answer.plugins:
            for platform in plugin.platforms:
                return normalize(
                    Platform(
                        os=platform.os,
                        architecture=platform.architecture,
                        variant=platform.variant,
                    )
                )
        raise Unavailable(f"containerd has no snapshotter {self._snapshotter}")

    def memory(self) -> int:
        """Return the kernel's MemTotal."""
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")

    def close(self) -> None:
        """End every call under way, and the connection."""
        self._channel.close()


def normalize(platform: Platform) -> Platform:
    """Name a variant only where it says something: ``arm64/v8`` is ``arm64``, ``arm`` ``arm/v7``.

    Source: OCI image-spec, image-index.md, platform variants; containerd's `platforms` does so.
    """
    named = {("arm64", "v8"): "", ("amd64", "v1"): "", ("arm", ""): "v7"}
    variant = named.get((platform.architecture, platform.variant), platform.variant)
    return replace(platform, variant=variant)
