"""What follows a change: a look at the function, or a thaw that its caller waits for."""

from threading import BoundedSemaphore

from provider_app.domain.function import FunctionKey
from provider_app.services.changes import Watchers
from provider_app.services.reconciler import Reconciler

THAWS = 8
"""Callers that wait for a thaw at once: a containerd that hangs must not take all threads."""


class Waking:
    """What follows a change of what is wanted. Thread-safe."""

    def __init__(self, reconciler: Reconciler, watchers: Watchers) -> None:
        self._reconciler = reconciler
        self._watchers = watchers
        self._places = BoundedSemaphore(THAWS)

    def wake(self, key: FunctionKey) -> None:
        """Let one function be looked at now, without waiting for it."""
        # In this order: callers may wait for what the reconciler does.
        self._reconciler.wake(key)
        self._watchers.tell(key)

    def thaw(self, key: FunctionKey) -> bool:
        """Thaw a function that is frozen, which takes some milliseconds; tell whether it was.

        In this thread, so that a caller of it waits for no other. All else is as after `wake`.
        """
        if not self._places.acquire(blocking=False):
            self.wake(key)
            return False
        try:
            thawed = self._reconciler.thaw(key)
        finally:
            self._places.release()
        if not thawed:
            self.wake(key)
        return thawed
