"""A supervisor that runs on an in-memory machine, for tests."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from faasd.base.errors import FaasdError
from faasd.node.adapters.memory.images import make_layout
from faasd.node.adapters.memory.world import MemoryWorld
from faasd.node.domain.container import TaskState, Workload
from faasd.node.open import Node, open_memory_node
from faasd.supervisor.board import Notice
from faasd.supervisor.course import WHOLE_LIFE, Course, Remembered
from faasd.supervisor.decide import Start, Wanted
from faasd.supervisor.fleet import Fleet, Surroundings
from faasd.supervisor.publish import Published
from faasd.supervisor.pulse import Pulse
from faasd.supervisor.supervisor import Supervisor
from faasd.supervisor.wanted import SupervisorSettings, read_wanted

NAMESPACE = "openfaas"
PATIENCE = 5.0


@dataclass
class RunningSupervisor:
    """Runs a supervisor in a thread; `programs` can be pulled as images of the same names."""

    directory: Path
    world: MemoryWorld = field(default_factory=MemoryWorld)
    hosts: list[dict[str, str]] = field(default_factory=list)
    published: list[list[Published]] = field(default_factory=list)
    told: list[dict[str, Notice]] = field(default_factory=list)
    remembered: list[Remembered] = field(default_factory=list)
    course: Course = WHOLE_LIFE
    pulse: Pulse = field(default_factory=Pulse)
    error: FaasdError | None = None
    _supervisor: Supervisor | None = None
    _thread: threading.Thread | None = None

    def write(self, services: str) -> None:
        """Write the compose file: `services` is the mapping of that key."""
        (self.directory / "docker-compose.yaml").write_text(f"services:\n{services}")

    def start(self) -> None:
        """Begin `faasd up`, on the same machine as before."""
        self._supervisor = self.make()
        self._thread = threading.Thread(target=self._run, name="supervisor")
        self._thread.start()

    def make(self) -> Supervisor:
        """Make the supervisor, on a node of its own."""
        node = self._node()
        read = partial(read_wanted, self._settings, node)
        return Supervisor(node, self._surroundings, read, self.course, self.pulse)

    def leave_behind(self) -> None:
        """Start the services as a supervisor does that is then killed."""
        node = self._node()
        wanted = read_wanted(self._settings, node)
        fleet = Fleet(node, self._surroundings)
        fleet.prepare()
        for each in wanted:
            fleet.carry_out(Start(wanted=each), wanted)
        self.hosts.clear()
        node.close()

    def reload(self) -> None:
        assert self._supervisor
        self._supervisor.reload()

    def stop(self) -> None:
        """End it as SIGTERM would, and wait."""
        if self._supervisor and self._thread:
            self._supervisor.stop()
            self._thread.join(PATIENCE)
            assert not self._thread.is_alive()

    def failed(self) -> FaasdError:
        """Wait until it ended by itself, and return why."""
        assert self._thread
        self._thread.join(PATIENCE)
        assert self.error
        return self.error

    def close(self) -> None:
        self.world.answers, self.world.is_slow = True, False
        self.stop()
        self.world.shut_down()

    def found(self) -> dict[str, Workload]:
        node = open_memory_node(self.world)
        try:
            return {one.id: one for one in node.workloads.list(NAMESPACE)}
        finally:
            node.close()

    def pid(self, name: str) -> int:
        """Return the pid of a running service, or 0."""
        one = self.found().get(name)
        return one.task.pid if one and one.state is TaskState.RUNNING else 0

    def state(self, name: str) -> TaskState:
        """Return what a service's process does; NONE where there is no container."""
        one = self.found().get(name)
        return one.state if one else TaskState.NONE

    def runs(self, *names: str) -> bool:
        """Tell whether these services run, and no others."""
        running = [n for n, one in self.found().items() if one.state is TaskState.RUNNING]
        return sorted(running) == sorted(names)

    def wanted(self) -> Sequence[Wanted]:
        """Read what the file wants now."""
        node = self._node()
        try:
            return read_wanted(self._settings, node)
        finally:
            node.close()

    def has_ended(self) -> bool:
        """Tell whether the run ended by itself, and wait for its thread then."""
        return self._thread is not None and not self._thread.is_alive()

    @property
    def _surroundings(self) -> Surroundings:
        return Surroundings(
            write_hosts=self._write_hosts,
            publish=self._publish,
            tell=self._tell,
            remember=self.remembered.append,
        )

    @property
    def _settings(self) -> SupervisorSettings:
        file = self.directory / "docker-compose.yaml"
        return SupervisorSettings(compose_file=file, archives=self.directory)

    def _node(self) -> Node:
        for program in ("serve", "exit", "silent"):
            layout = make_layout(f"docker.io/library/{program}:latest", (f"/bin/{program}",))
            self.world.registry[layout.name] = layout
        return open_memory_node(self.world)

    def _run(self) -> None:
        assert self._supervisor
        try:
            self._supervisor.run()
        except FaasdError as error:
            self.error = error

    def _write_hosts(self, hosts: Mapping[str, str]) -> None:
        self.hosts.append(dict(hosts))

    def _tell(self, notices: Sequence[Notice]) -> None:
        self.told.append({notice.name: notice for notice in notices})

    def _publish(self, published: Sequence[Published]) -> None:
        self.published.append(list(published))


def soon(condition: Callable[[], bool]) -> bool:
    """Wait a moment for what should not happen; tell whether it did."""
    return eventually(condition, seconds=0.3)


def eventually(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait for a condition; tell whether it came true in time."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True
