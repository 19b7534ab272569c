"""Further programs in the containers of the in-memory machine."""

from collections.abc import Sequence

from faasd.base.errors import NotFound, TimedOut
from faasd.node.adapters.memory.world import MemoryWorld
from faasd.node.domain.container import TaskState


class MemoryExecs:
    """Port `Execs`: every program ends with the status that the world says, 0 if it says none."""

    def __init__(self, world: MemoryWorld) -> None:
        self._world = world

    def run(
        self,
        namespace: str,
        container: str,
        arguments: Sequence[str],
        timeout: float,
    ) -> int:
        """Return the world's status for the container; a paused one takes forever."""
        self._world.check()
        running = self._world.tasks.get((namespace, container))
        if running is None or running.task.state is TaskState.STOPPED:
            raise NotFound(f"container {container} does not run")
        if running.task.state is TaskState.PAUSED:
            raise TimedOut(f"{' '.join(arguments)!r} in {container} did not end in {timeout} s")
        return self._world.exec_status.get((namespace, container), 0)
