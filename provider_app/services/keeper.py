"""Carries out what `decide` says, for one function at a time."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from faasd.base.errors import FaasdError, TimedOut
from faasd.node.domain.container import TaskState, Workload
from faasd.node.open import Node
from provider_app.config import ProviderConfig
from provider_app.domain.decide import (
    Action,
    Create,
    Pause,
    Remove,
    Restore,
    Situation,
    Start,
    Stop,
    Withdraw,
    decide,
    next_look,
)
from provider_app.domain.function import Function, FunctionKey, container_spec
from provider_app.domain.replica import Replica
from provider_app.services.causes import Causes
from provider_app.services.groups import Groups
from provider_app.services.images import Images
from provider_app.services.replicas import Replicas
from provider_app.services.rollouts import Rollouts
from provider_app.services.rouser import Rouser, check_answers
from provider_app.services.store import Store
from provider_app.services.wishes import Wish, read_wish

MAX_ROUNDS = 8
"""Looks at one function before others have their turn."""

log = logging.getLogger(__name__)


class Keeper:
    """Makes the node match what is wanted of one function; never two calls for one at once.

    Args:
        runs: as for `Rouser`.
    """

    def __init__(
        self,
        node: Node,
        store: Store,
        replicas: Replicas,
        config: ProviderConfig,
        runs: Callable[[FunctionKey], None],
    ) -> None:
        self._node = node
        self._store = store
        self._replicas = replicas
        self._secrets = config.secrets_directory
        self.groups = Groups(config.shim_group_size)
        self.causes = Causes(node, store)
        self.rouser = Rouser(node, store, replicas, runs)
        self._rollouts = Rollouts(store, config.update_timeout)
        self._images = Images(node, replicas)

    def keep(self, key: FunctionKey) -> float | None:
        """Act until there is nothing left to do; return when to look again, or None.

        Raises:
            Unavailable: containerd does not answer.
        """
        self.rouser.hasten(key)
        for _ in range(MAX_ROUNDS):
            wish = read_wish(self._store, key)
            situation = self._look(key, wish)
            if self._rollouts.judge(key, situation, wish.previous):
                # What failed was of the update: nobody who waits is told of it any more.
                self._replicas.forget(key)
                continue
            actions = decide(situation)
            if not actions:
                looks = (next_look(situation), self._rollouts.next_look(key, situation.now))
                return min((look for look in looks if look is not None), default=None)
            self._act_all(key, wish, actions)
        return time.monotonic()

    def _look(self, key: FunctionKey, wish: Wish) -> Situation:
        wanted = wish.wanted
        before = {replica.id: replica for replica in self._replicas.list(key)}
        names = set(before)
        if wanted is not None:
            names |= {wanted.container_id(replica) for replica in range(wanted.kept)}
        seen = [self._find(key, name, before.get(name)) for name in sorted(names)]
        found = [workload for workload, _ in seen if workload is not None]
        if wanted is not None:
            states = {name: replica.workload.state for name, replica in before.items()}
            found = [self._bury(key, wish, workload, states) for workload in found]
        self._replicas.see(key, found)
        replicas = self._replicas.list(key)
        return Situation(
            wanted=wanted,
            found=found,
            ready=frozenset(replica.id for replica in replicas if replica.ready),
            late=frozenset(replica.id for replica in replicas if replica.late),
            withdrawn=frozenset(r.id for r in replicas if r.withdrawn_at is not None),
            drained=frozenset(replica.id for replica in replicas if replica.drained),
            failures=self._replicas.failures(key),
            now=time.monotonic(),
            unsure=not all(is_sure for _, is_sure in seen),
            previous=wish.previous.generation if wish.previous else None,
            trial=bool(wish.sleep.trial),
            deep=wish.sleep.deep,
        )

    def _find(
        self, key: FunctionKey, name: str, before: Replica | None
    ) -> tuple[Workload | None, bool]:
        """Return a container, and whether that is sure.

        One whose shim is silent is as it was last seen, so that the others of its function are
        looked after all the same.
        """
        try:
            return self._node.workloads.find(key.namespace, name), True
        except TimedOut as error:
            if before is None or not before.workload.task.pid:
                raise
            log.warning("%s: %s", key, error)
            return before.workload, False

    def _bury(
        self, key: FunctionKey, wish: Wish, workload: Workload, before: Mapping[str, TaskState]
    ) -> Workload:
        """Count a replica that should run and ended by itself, and delete its ended task."""
        died = workload.state is TaskState.STOPPED or (
            workload.state is TaskState.NONE and before.get(workload.id) is TaskState.RUNNING
        )
        if not died:
            return workload
        function = wish.find_runner(workload)
        if function is not None:
            self._fail(key, workload.id, self.causes.find(function, workload))
        self._node.workloads.stop(workload.namespace, workload.id)
        return self._node.workloads.find(workload.namespace, workload.id) or workload

    def _act_all(self, key: FunctionKey, wish: Wish, actions: Sequence[Action]) -> None:
        """Carry actions out; where one fails, the others of the same container are left out."""
        failed: set[str] = set()
        for action in actions:
            if action.container in failed:
                continue
            try:
                self._act(key, wish, action)
            except FaasdError as error:
                check_answers(self._node, error)
                failed.add(action.container)
                self._fail(key, action.container, str(error))

    def _act(self, key: FunctionKey, wish: Wish, action: Action) -> None:
        log.info("%s: %s %s", key, type(action).__name__.lower(), action.container)
        where = (key.namespace, action.container)
        match action:
            case Create():
                self._create(wish.get_maker(action), action)
            case Start():
                self.rouser.start(key, action.container)
            case Stop():
                self._stop(key, action.container)
            case Pause():
                self._pause(key, action.container)
            case Withdraw():
                self._replicas.withdraw(key, action.container)
            case Restore():
                self._replicas.restore(key, action.container)
            case Remove():
                self._node.workloads.remove(*where)
                self.groups.release(*where)

    def _stop(self, key: FunctionKey, container: str) -> None:
        self._node.workloads.stop(key.namespace, container)
        self._note(key, container)

    def _pause(self, key: FunctionKey, container: str) -> None:
        self._node.workloads.pause(key.namespace, container)
        self._note(key, container)

    def _note(self, key: FunctionKey, container: str) -> None:
        """Know it at once: a function that was woken meanwhile has not lost it by a failure."""
        found = self._node.workloads.find(key.namespace, container)
        if found is not None:
            self._replicas.note(key, found)

    def _create(self, function: Function, action: Create) -> None:
        image = self._images.bring(function, action.container)
        group = self.groups.choose(function.key, action.container)
        spec = container_spec(function, action.replica, group, self._secrets)
        made = self._node.workloads.create(replace(spec, image=image))
        # Known at once: by the next look, another generation may be wanted.
        self._replicas.add(function.key, [made])

    def _fail(self, key: FunctionKey, container: str, reason: str) -> None:
        failure = self._replicas.fail(key, container, reason)
        log.warning("%s: %s failed (%s): %s", key, container, failure.count, reason)
