"""What one run of the supervisor wanted, for the run that goes on after it.

The file may have been edited meanwhile, and new images built: they count when somebody says so.
"""

import os
import pickle
from pathlib import Path
from typing import cast

from faasd.base.errors import Unavailable
from faasd.supervisor.course import Remembered

MEMORY = "services.memory"
"""In the node's run directory; for root alone, as it holds the services' environments."""


class Memory:
    """A file in the run directory."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / MEMORY

    def keep(self, remembered: Remembered) -> None:
        """Keep it."""
        new = self._path.with_name(f".{MEMORY}.new")
        new.unlink(missing_ok=True)
        with open(new, "xb", opener=_private) as file:
            pickle.dump(remembered, file)
        new.replace(self._path)

    def recall(self) -> Remembered:
        """Return what was kept.

        Raises:
            Unavailable: nothing was.
        """
        try:
            # Root wrote it in this life of `faasd up`, where only root may write.
            kept: object = pickle.loads(self._path.read_bytes())  # noqa: S301
        except OSError as error:
            raise Unavailable(f"cannot go on with the core services: {error}") from error
        return cast("Remembered", kept)

    def forget(self) -> None:
        """Drop it: nothing is supervised any more."""
        self._path.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
