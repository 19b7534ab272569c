"""`faasd up` on a real node, in a thread."""

import threading
from dataclasses import dataclass
from pathlib import Path

from faasd.base.errors import FaasdError
from faasd.node.domain.container import TaskState, Workload
from faasd.node.open import Node
from faasd.supervisor.open import open_supervisor
from faasd.supervisor.supervisor import Supervisor
from faasd.supervisor.wanted import SupervisorSettings

NAMESPACE = "openfaas"


@dataclass
class Up:
    """A running supervisor. `node` is for looking; the supervisor has one of its own."""

    node: Node
    supervisor: Supervisor
    error: FaasdError | None = None
    _thread: threading.Thread | None = None

    @classmethod
    def prepare(cls, node: Node, own: Node, run_dir: str, compose_file: Path) -> "Up":
        """Make a supervisor that stands on the node `own` and writes to `run_dir`."""
        settings = SupervisorSettings(compose_file=compose_file, archives=compose_file.parent)
        return cls(node, open_supervisor(own, settings, run_dir))

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="supervisor")
        self._thread.start()

    def stop(self) -> None:
        """End it as SIGTERM would, and wait."""
        self.supervisor.stop()
        if self._thread:
            self._thread.join(30)
            assert not self._thread.is_alive()

    def find(self, name: str) -> Workload | None:
        return self.node.workloads.find(NAMESPACE, name)

    def pid(self, name: str) -> int:
        """Return the pid of a running service, or 0."""
        one = self.find(name)
        return one.task.pid if one and one.state is TaskState.RUNNING else 0

    def _run(self) -> None:
        try:
            self.supervisor.run()
        except FaasdError as error:
            self.error = error
