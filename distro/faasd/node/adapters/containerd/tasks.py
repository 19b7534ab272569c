"""Port `Tasks`: running containers."""

import signal
import time
from collections.abc import Mapping, Sequence
from datetime import UTC

from google.protobuf.empty_pb2 import Empty

from faasd.base.errors import AlreadyExists, FaasdError, InUse, NotFound, TimedOut, Unavailable
from faasd.node.adapters.containerd.bundles import clear_bundle, find_bundle
from faasd.node.adapters.containerd.channel import Channel, Scope
from faasd.node.adapters.containerd.protos import task_pb2
from faasd.node.adapters.containerd.protos import tasks_pb2 as pb
from faasd.node.adapters.containerd.roots import ContainerdRoots
from faasd.node.adapters.containerd.usage import read_usage
from faasd.node.domain.container import Task, TaskState
from faasd.node.domain.usage import Usage

START_TIMEOUT = 60.0
"""Seconds for a task to be created; a loaded single-board computer takes several."""

CLEANUP_TIMEOUT = 10.0
CLEANUP_PAUSE = 0.02
"""Seconds that containerd cleans up after a shim that died (0.2 here), and between tries."""

SHIM_PATIENCE = 10.0
SHIM_PAUSE = 0.05
"""Seconds to ask after a task whose shim answers too late for containerd (2 s), and between."""

_STATES: Mapping[int, TaskState] = {
    task_pb2.CREATED: TaskState.CREATED,
    task_pb2.RUNNING: TaskState.RUNNING,
    task_pb2.STOPPED: TaskState.STOPPED,
    task_pb2.PAUSED: TaskState.PAUSED,
    task_pb2.PAUSING: TaskState.PAUSED,
}


class ContainerdTasks:
    """containerd's tasks."""

    def __init__(self, channel: Channel, roots: ContainerdRoots) -> None:
        self._channel = channel
        self._roots = roots

    def start(self, namespace: str, container: str, stdout: str, stderr: str) -> int:
        """Create and start: the whole of a cold start, two calls."""
        scope = Scope(namespace=namespace, timeout=START_TIMEOUT)
        request = pb.CreateTaskRequest(
            container_id=container,
            rootfs=self._roots.mounts(namespace, container),
            stdout=stdout,
            stderr=stderr,
        )
        self._create(scope, request)
        try:
            answer = self._channel.call(
                "tasks.v1.Tasks/Start",
                pb.StartRequest(container_id=container),
                pb.StartResponse,
                scope,
            )
        except FaasdError:
            self.kill(namespace, container)
            self.wait(namespace, container, START_TIMEOUT)
            self.delete(namespace, container)
            raise
        return answer.pid

    def signal(self, namespace: str, container: str, number: int) -> None:
        """Send a signal to the first process."""
        self._kill(namespace, pb.KillRequest(container_id=container, signal=number))

    def kill(self, namespace: str, container: str) -> None:
        """Send SIGKILL to every process."""
        request = pb.KillRequest(container_id=container, signal=signal.SIGKILL, all=True)
        self._kill(namespace, request)

    def wait(self, namespace: str, container: str, timeout: float) -> bool:
        """Wait for the task's end."""
        try:
            self._channel.call(
                "tasks.v1.Tasks/Wait",
                pb.WaitRequest(container_id=container),
                pb.WaitResponse,
                Scope(namespace=namespace, timeout=max(timeout, 0.001)),
            )
        except NotFound:
            return True
        except TimedOut:
            return False
        return True

    def delete(self, namespace: str, container: str) -> None:
        """Delete an ended task."""
        try:
            self._channel.call(
                "tasks.v1.Tasks/Delete",
                pb.DeleteTaskRequest(container_id=container),
                pb.DeleteResponse,
                Scope(namespace=namespace),
            )
        except NotFound:
            return

    def pause(self, namespace: str, container: str) -> None:
        """Freeze."""
        request = pb.PauseTaskRequest(container_id=container)
        try:
            self._channel.call("tasks.v1.Tasks/Pause", request, Empty, Scope(namespace=namespace))
        except InUse as error:
            raise NotFound(f"container {container} does not run: {error}") from error

    def resume(self, namespace: str, container: str) -> None:
        """Thaw."""
        request = pb.ResumeTaskRequest(container_id=container)
        try:
            self._channel.call("tasks.v1.Tasks/Resume", request, Empty, Scope(namespace=namespace))
        except InUse as error:
            raise NotFound(f"container {container} is not paused: {error}") from error

    def find(self, namespace: str, container: str) -> Task | None:
        """Return the task, or None; asked again while its shim is too busy to say.

        On a starved machine that is no rare case, and no sign of an end: a shim that ended is told
        as such.
        """
        until = time.monotonic() + SHIM_PATIENCE
        while True:
            process = self._get(namespace, container)
            if process is None or process.status != task_pb2.UNKNOWN:
                return None if process is None else _task(process)
            if time.monotonic() > until:
                raise TimedOut(f"the shim of container {container} does not answer in time")
            time.sleep(SHIM_PAUSE)

    def list(self, namespace: str) -> Sequence[Task]:
        """Return all tasks of a namespace; one whose shim is too busy to say runs, pid unknown."""
        answer = self._channel.call(
            "tasks.v1.Tasks/List",
            pb.ListTasksRequest(),
            pb.ListTasksResponse,
            Scope(namespace=namespace),
        )
        return [_task(process) for process in answer.tasks]

    def usage(self, namespace: str, container: str) -> Usage | None:
        """Return what the task's cgroup counts, or None."""
        try:
            answer = self._channel.call(
                "tasks.v1.Tasks/Metrics",
                pb.MetricsRequest(filters=[f"id=={container}"]),
                pb.MetricsResponse,
                Scope(namespace=namespace),
            )
        except NotFound:
            return None
        return read_usage(answer.metrics[0].data) if answer.metrics else None

    def _get(self, namespace: str, container: str) -> task_pb2.Process | None:
        try:
            answer = self._channel.call(
                "tasks.v1.Tasks/Get",
                pb.GetRequest(container_id=container),
                pb.GetResponse,
                Scope(namespace=namespace),
            )
        except NotFound:
            return None
        return answer.process

    def _create(self, scope: Scope, request: pb.CreateTaskRequest) -> None:
        until = time.monotonic() + CLEANUP_TIMEOUT
        while True:
            try:
                self._channel.call("tasks.v1.Tasks/Create", request, pb.CreateTaskResponse, scope)
            except (AlreadyExists, Unavailable) as error:
                # Where a shim died, containerd keeps the name until it has cleaned up.
                bundle = find_bundle(str(error), scope.namespace, request.container_id)
                if bundle is None and isinstance(error, Unavailable):
                    raise
                if self.find(scope.namespace, request.container_id) is not None:
                    raise
                if time.monotonic() > until:
                    if bundle is None:
                        raise
                    break
                time.sleep(CLEANUP_PAUSE)
            else:
                return
        clear_bundle(bundle, self._channel.socket)
        self._channel.call("tasks.v1.Tasks/Create", request, pb.CreateTaskResponse, scope)

    def _kill(self, namespace: str, request: pb.KillRequest) -> None:
        try:
            self._channel.call("tasks.v1.Tasks/Kill", request, Empty, Scope(namespace=namespace))
        except NotFound:
            return
        except Unavailable:
            # runc has no code of its own for a process that just ended.
            if self.wait(namespace, request.container_id, 0.5):
                return
            raise


def _task(process: task_pb2.Process) -> Task:
    state = _STATES.get(process.status, TaskState.RUNNING)
    ended = state is TaskState.STOPPED
    return Task(
        id=process.container_id or process.id,
        state=state,
        pid=process.pid,
        exit_status=process.exit_status,
        exited_at=process.exited_at.ToDatetime(UTC) if ended else None,
    )
