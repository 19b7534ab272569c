"""Port `Execs`: further processes of a running task."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import uuid4

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.empty_pb2 import Empty

from faasd.base.errors import NotFound, TimedOut
from faasd.node.adapters.containerd.channel import Channel, Scope
from faasd.node.adapters.containerd.containers import ContainerdContainers
from faasd.node.adapters.containerd.protos import tasks_pb2 as pb

PROCESS_TYPE = "types.containerd.io/opencontainers/runtime-spec/1/Process"
SIGKILL = 9


class ContainerdExecs:
    """Programs run in containers of containerd."""

    def __init__(self, channel: Channel, containers: ContainerdContainers) -> None:
        self._channel = channel
        self._containers = containers

    def run(self, namespace: str, container: str, arguments: Sequence[str], timeout: float) -> int:
        """Run a program as the container's own user; kill it when it takes too long."""
        process = self._containers.runtime_spec(namespace, container)["process"]
        spec = {**process, "args": list(arguments)} if isinstance(process, dict) else {}
        scope = Scope(namespace=namespace)
        with self._made(scope, container, json.dumps(spec).encode()) as name:
            request = pb.StartRequest(container_id=container, exec_id=name)
            self._channel.call("tasks.v1.Tasks/Start", request, pb.StartResponse, scope)
            return self._wait(Scope(namespace=namespace, timeout=timeout), container, name)

    @contextmanager
    def _made(self, scope: Scope, container: str, spec: bytes) -> Iterator[str]:
        name = f"exec-{uuid4()}"
        request = pb.ExecProcessRequest(
            container_id=container,
            exec_id=name,
            spec=AnyMessage(type_url=PROCESS_TYPE, value=spec),
        )
        self._channel.call("tasks.v1.Tasks/Exec", request, Empty, scope)
        try:
            yield name
        finally:
            self._delete(scope, container, name)

    def _wait(self, scope: Scope, container: str, name: str) -> int:
        request = pb.WaitRequest(container_id=container, exec_id=name)
        try:
            answer = self._channel.call("tasks.v1.Tasks/Wait", request, pb.WaitResponse, scope)
        except TimedOut as error:
            self._kill(Scope(namespace=scope.namespace), container, name)
            raise TimedOut(
                f"a program in container {container} did not end within {scope.timeout:g} s"
            ) from error
        return answer.exit_status

    def _kill(self, scope: Scope, container: str, name: str) -> None:
        kill = pb.KillRequest(container_id=container, exec_id=name, signal=SIGKILL)
        wait = pb.WaitRequest(container_id=container, exec_id=name)
        try:
            self._channel.call("tasks.v1.Tasks/Kill", kill, Empty, scope)
            self._channel.call("tasks.v1.Tasks/Wait", wait, pb.WaitResponse, scope)
        except NotFound:
            return

    def _delete(self, scope: Scope, container: str, name: str) -> None:
        request = pb.DeleteProcessRequest(container_id=container, exec_id=name)
        try:
            self._channel.call("tasks.v1.Tasks/DeleteProcess", request, pb.DeleteResponse, scope)
        except NotFound:
            return
