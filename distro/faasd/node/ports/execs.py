"""Programs run beside a container's own."""

from collections.abc import Sequence
from typing import Protocol


class Execs(Protocol):
    """Runs further programs in running containers, for health checks."""

    def run(self, namespace: str, container: str, arguments: Sequence[str], timeout: float) -> int:
        """Run a program in the container, as its own user and in its environment.

        What it prints is dropped. After `timeout` seconds it is killed.

        Returns:
            The exit status, 0 to 255; 128 + n when signal n ended it.

        Raises:
            NotFound: no task of the container runs.
            Unsatisfiable: it cannot run, e.g. there is no such program in the image.
            TimedOut: it did not end in time.
        """
        ...
