"""Why a replica's process ended, as far as the node can tell; and telling it among its lines."""

import logging
import math
import time
from threading import Lock

from faasd.base.errors import FaasdError
from faasd.node.domain.container import Task, TaskState, Workload
from faasd.node.open import Node
from provider_app.domain.ends import describe_end, describe_memory_kill
from provider_app.domain.function import Function, FunctionKey
from provider_app.services.store import Store

AGAIN_AFTER = 10.0
"""Seconds after which the same process may say the same thing once more."""

log = logging.getLogger(__name__)


class Causes:
    """Finds causes, and writes those that a function's author must know into its logs."""

    def __init__(self, node: Node, store: Store) -> None:
        self._workloads = node.workloads
        self._store = store
        self._lock = Lock()
        self._said: dict[tuple[str, str], tuple[int, float]] = {}

    def find(self, wanted: Function, workload: Workload) -> str:
        """Return why a replica of which the process ended did so, in a sentence."""
        if workload.state is not TaskState.STOPPED:
            return "its process is gone"
        limit = wanted.deployment.limits.memory
        kills = self._memory_kills(workload)
        if kills:
            self._say(workload, describe_memory_kill(limit))
        return describe_end(workload.task.exit_status, kills, limit)

    def hear_memory_kill(self, namespace: str, container: str, heard_at: float) -> None:
        """Tell in a function's logs that the kernel killed a process of it, for its memory.

        Not where its end was told since it was heard of: another process may run by now.
        """
        try:
            workload = self._workloads.find(namespace, container)
        except FaasdError as error:
            log.warning("%s: a process was killed for its memory: %s", container, error)
            return
        if workload is not None:
            key = FunctionKey(namespace=namespace, name=workload.name)
            wanted = self._store.find(key)
            limit = wanted.deployment.limits.memory if wanted else ""
            self._say(workload, describe_memory_kill(limit), heard_at)

    def _memory_kills(self, workload: Workload) -> int:
        try:
            usage = self._workloads.usage(workload.namespace, workload.id)
        except FaasdError:  # The shim died, too.
            return 0
        return usage.oom_kills if usage else 0

    def _say(self, workload: Workload, sentence: str, heard_at: float = math.inf) -> None:
        """Write a line, once for what both an event and the process's end tell."""
        if self._is_new(workload.namespace, workload.task, heard_at):
            log.warning("%s/%s: %s", workload.namespace, workload.id, sentence)
            try:
                self._workloads.print_line(workload, sentence)
            except FaasdError as error:
                log.warning("%s: cannot write into its logs: %s", workload.id, error)

    def _is_new(self, namespace: str, task: Task, heard_at: float) -> bool:
        now = time.monotonic()
        with self._lock:
            self._said = {k: said for k, said in self._said.items() if now - said[1] < AGAIN_AFTER}
            before = self._said.get((namespace, task.id))
            if before is not None and before[1] >= heard_at:
                return False
            self._said[namespace, task.id] = (task.pid, now)
        return before is None or before[0] != task.pid
