"""What is wanted of one function at one look, as the store has it."""

from dataclasses import dataclass, field, replace

from faasd.base.errors import NotFound
from faasd.node.domain.container import Workload
from provider_app.domain.decide import Create
from provider_app.domain.function import Function, FunctionKey
from provider_app.services.sleeps import Sleep
from provider_app.services.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A function as it shall be.

    Attributes:
        wanted: None for one that shall not be; on trial it has one replica, though it is asleep.
        previous: what it was before an update that is under way, or None.
        sleep: what is known of it if it is asleep; its `trial` is 0 where that is not under way.
    """

    wanted: Function | None
    previous: Function | None = None
    sleep: Sleep = field(default_factory=Sleep)

    def get_maker(self, create: Create) -> Function:
        """Return of which function a container is to be made.

        Raises:
            NotFound: of none.
        """
        for function in (self.wanted, self.previous):
            if function and function.container_id(create.replica) == create.container:
                return function
        raise NotFound(f"nobody wants container {create.container}")

    def find_runner(self, workload: Workload) -> Function | None:
        """Return of which function a container shall run; None for one that need not."""
        wanted = self.wanted
        if wanted is None or wanted.replicas == 0:
            return None
        if workload.generation == wanted.generation:
            return wanted if workload.replica < wanted.replicas else None
        if self.previous is None or self.sleep.trial:
            return None
        # What an update may go back to serves until it is done.
        return self.previous if workload.generation == self.previous.generation else None


def read_wish(store: Store, key: FunctionKey) -> Wish:
    """Return what is wanted of a function now."""
    wanted = store.find(key)
    if wanted is None:
        return Wish(wanted=None)
    previous = store.find_previous(key)
    sleep = store.sleeps.find(key) if wanted.replicas == 0 else Sleep()
    if previous is not None and sleep.trial == wanted.generation:
        return Wish(wanted=replace(wanted, replicas=1), previous=previous, sleep=sleep)
    return Wish(wanted=wanted, previous=previous, sleep=replace(sleep, trial=0))
