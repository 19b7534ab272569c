"""Whether the provider does its work, in one sentence for people."""

from collections import Counter

from faasd.base.errors import NotFound
from provider_app.domain.function import FunctionKey
from provider_app.services.functions import Functions
from provider_app.services.reconciler import Reconciler
from provider_app.services.store import Store

LATEST = 120.0
"""Seconds that something may be due in vain: a containerd that hangs takes 30 s of a call."""


class Health:
    """Looks at the provider from inside. Thread-safe."""

    def __init__(self, reconciler: Reconciler, store: Store, functions: Functions) -> None:
        self._reconciler = reconciler
        self._store = store
        self._functions = functions

    def find_problem(self, now: float) -> str:
        """Return what only another process can mend; `now` is of the monotonic clock."""
        late = self._reconciler.late(now)
        return f"the reconciler has not moved for {late:.0f} s" if late > LATEST else ""

    def describe(self) -> str:
        """Return what it is at: how many functions there are, in which states."""
        words = Counter(word for key in self._store.list_keys() if (word := self._word(key)))
        count = sum(words.values())
        states = ", ".join(f"{number} {word}" for word, number in sorted(words.items()))
        said = f"{count} function{'' if count == 1 else 's'}" + (f": {states}" if states else "")
        return f"{self._reconciler.trouble}; {said}" if self._reconciler.trouble else said

    def _word(self, key: FunctionKey) -> str:
        try:
            return self._functions.describe(key).state.word
        except NotFound:  # Removed just now.
            return ""
