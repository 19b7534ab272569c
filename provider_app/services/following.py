"""What the gateway's autoscaler asks for: a load is followed, but never against what changed."""

from faasd.base.errors import InUse
from provider_app.domain.function import FunctionKey, Seen
from provider_app.services.farewell import CountInFlight, find_endpoint, name_of
from provider_app.services.functions import Functions
from provider_app.services.replicas import Replicas


class Following:
    """Compares with what was seen, then sets. Thread-safe."""

    def __init__(self, functions: Functions, replicas: Replicas, count: CountInFlight) -> None:
        self._functions = functions
        self._replicas = replicas
        self._count = count

    def scale(self, key: FunctionKey, replicas: int, seen: Seen) -> int:
        """Want so many replicas, or as many of them as fit; return how many.

        A function that is at work is not put to sleep. A call that comes between this look and the
        next moment is waited for, as at every replica that goes.

        Raises:
            InUse: the function is not as it was seen, or is to sleep and at work.
            NotFound, InvalidInput, Unsatisfiable, NoRoom: as in `Functions.follow`.
        """
        if replicas == 0 and self._is_at_work(key):
            raise InUse(f"function {key} is being called", field="replicas")
        return self._functions.follow(key, replicas, seen)

    def _is_at_work(self, key: FunctionKey) -> bool:
        replicas = self._replicas.list(key)
        if any(self._replicas.count_calls(replica) for replica in replicas):
            return True
        endpoints = [end for replica in replicas if (end := find_endpoint(replica)) is not None]
        counts = self._count([(name_of(key), end) for end in endpoints]) if endpoints else None
        return counts is not None and any(counts.values())
