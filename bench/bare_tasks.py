"""The baseline of a start: containerd's calls to it alone, with nothing to read its output."""

import time

from bench.clock import milliseconds_since
from faasd.node.adapters.containerd.channel import Channel, Scope
from faasd.node.adapters.containerd.client import connect
from faasd.node.adapters.containerd.protos import tasks_pb2 as pb
from faasd.node.domain.settings import NodeSettings


class BareTasks:
    """Times the calls for one container; what they need is asked for before."""

    def __init__(self, settings: NodeSettings, namespace: str, container: str) -> None:
        self._channel = Channel(settings.containerd_socket)
        self._client = connect(settings.containerd_socket, settings.snapshotter)
        self._namespace, self._container = namespace, container

    def start(self) -> float:
        """Tasks.Create and Tasks.Start, in milliseconds."""
        mounts = self._client.roots.mounts(self._namespace, self._container)
        create = pb.CreateTaskRequest(container_id=self._container, rootfs=mounts)
        start = pb.StartRequest(container_id=self._container)
        scope = Scope(namespace=self._namespace)
        began = time.perf_counter()
        self._channel.call("tasks.v1.Tasks/Create", create, pb.CreateTaskResponse, scope)
        self._channel.call("tasks.v1.Tasks/Start", start, pb.StartResponse, scope)
        return milliseconds_since(began)

    def resume(self) -> float:
        """Tasks.Resume, in milliseconds."""
        began = time.perf_counter()
        self._client.tasks.resume(self._namespace, self._container)
        return milliseconds_since(began)

    def close(self) -> None:
        """Let go of the connections."""
        self._channel.close()
        self._client.machine.close()
