"""Deploying, scaling, removing and describing functions."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from threading import Lock

from faasd.base.errors import InUse, NotFound, Unsatisfiable
from faasd.node.open import Node
from provider_app.config import ProviderConfig
from provider_app.domain.claim import Claim
from provider_app.domain.deployment import Deployment, is_unchanged
from provider_app.domain.function import Function, FunctionKey, Seen
from provider_app.domain.scaling import check_replicas, read_scaling
from provider_app.services.admission import Admission
from provider_app.services.replicas import Replicas
from provider_app.services.room import Room
from provider_app.services.store import Store
from provider_app.services.views import FunctionView, Views
from provider_app.services.waking import Waking

_MEMORY = "requests.memory"

log = logging.getLogger(__name__)


class Functions:
    """The functions of the node, as the API knows them. A change is stored, then made true.

    Args:
        waking: told of each function that changed.
    """

    def __init__(
        self,
        node: Node,
        store: Store,
        replicas: Replicas,
        config: ProviderConfig,
        room: Room,
        waking: Waking,
    ) -> None:
        self._node = node
        self._store = store
        self._replicas = replicas
        self._views = Views(store, replicas)
        self._admission = Admission(node, config)
        self._waking = waking
        self._wake = waking.wake
        self._changing = Lock()
        self.room = room

    def deploy(self, deployment: Deployment) -> None:
        """Want a function to be like this; everything that can be checked now is.

        Raises:
            Unsatisfiable: namespace, image or a secret does not exist, or the image is made for
                another platform.
            Unavailable: the registry does not answer, and the node does not hold the image.
            NoRoom: it asks for more memory than is left.
        """
        self._admission.check_namespace(deployment.namespace)
        self._admission.check_secrets(deployment)
        digest = self._admission.resolve(deployment)
        with self._changing:
            key = FunctionKey(namespace=deployment.namespace, name=deployment.name)
            before = self._store.find(key)
            if before is not None and _is_same(before, deployment, digest):
                self._store.forget_rollback(key)
            else:
                self._want(before, self._next(before, deployment, digest))
        self._undo_if_namespace_is_gone(key)
        self._replicas.forget(key)
        self._wake(key)

    def update(self, deployment: Deployment) -> None:
        """Want a function that there is to be like this.

        Raises:
            NotFound: there is no such function.
            Unsatisfiable, Unavailable, NoRoom: as in `deploy`.
        """
        self.get(FunctionKey(namespace=deployment.namespace, name=deployment.name))
        self.deploy(deployment)

    def remove(self, key: FunctionKey) -> None:
        """Want a function no more.

        Raises:
            NotFound: there is no such function.
        """
        with self._changing:
            if not self._store.remove(key):
                raise _unknown(key)
        self._replicas.forget(key)
        self._wake(key)

    def scale(self, key: FunctionKey, replicas: int) -> None:
        """Want so many replicas, none included; no more than the function's label allows.

        Raises:
            NotFound: there is no such function.
            InvalidInput, Unsatisfiable: the number is negative, or too high.
            NoRoom: so many ask for more memory than is left.
        """
        check_replicas(replicas, "replicas")
        with self._changing:
            function = self.get(key)
            wanted = min(replicas, read_scaling(function.deployment.labels).most)
            self._set_replicas(function, wanted)
        self._replicas.forget(key)
        self._wake(key)

    def follow(self, key: FunctionKey, replicas: int, seen: Seen) -> int:
        """Want as many replicas as fit of those that a load asks for; return how many.

        Args:
            key: of the function.
            replicas: what its load asks for.
            seen: what the function was when it was decided; what changed since is not undone.

        Raises:
            NotFound: there is no such function.
            InvalidInput, Unsatisfiable: the number is negative, or too high.
            InUse: the function is not as it was seen.
            NoRoom: not even one more fits.
        """
        check_replicas(replicas, "replicas")
        with self._changing:
            function = self.get(key)
            if Seen.of(function) != seen:
                raise InUse(f"function {key} was changed meanwhile", field="seen")
            most = min(replicas, read_scaling(function.deployment.labels).most)
            wanted = self.room.fit(function, most, self._store.find_previous(key))
            self._set_replicas(function, wanted)
        self._replicas.forget(key)
        self._wake(key)
        return wanted

    def awaken(self, key: FunctionKey) -> Sequence[str]:
        """Let a function that is asleep run again, with as many replicas as it has at least.

        Returns:
            The addresses of replicas that take calls now: of a function that was frozen. Else
            none: a start is not waited for.

        Raises:
            NotFound: there is no such function.
        """
        with self._changing:
            function = self.get(key)
            if function.replicas > 0:
                return ()
            self._store.awaken(key, read_scaling(function.deployment.labels).least)
        self._replicas.forget(key)
        if not self._waking.thaw(key):
            return ()
        return [replica.workload.address or "" for replica in self._replicas.ready(key)]

    def rouse(self, key: FunctionKey) -> None:
        """Check that there is such a function, and awaken it if it is asleep.

        Raises:
            NotFound: there is none, though its containers may not be gone yet.
        """
        replicas = self._store.find_replicas(key)
        if replicas is None:
            raise _unknown(key)
        if replicas == 0:
            self.awaken(key)

    def doubt(self, key: FunctionKey, container: str) -> None:
        """Ask a replica anew whether it is ready: it did not accept a connection."""
        self._replicas.set_gone(key.namespace, container)
        self._wake(key)

    def get(self, key: FunctionKey) -> Function:
        """Return a function as it is wanted.

        Raises:
            NotFound: there is no such function.
        """
        function = self._store.find(key)
        if function is None:
            raise _unknown(key)
        return function

    def describe(self, key: FunctionKey) -> FunctionView:
        """Return a function and what it is at.

        Raises:
            NotFound: there is no such function.
        """
        return self._views.view(self.get(key))

    def measure(self, key: FunctionKey) -> FunctionView:
        """Return a function, what it is at, and what it uses.

        Raises:
            NotFound: there is no such function.
        """
        function = self.get(key)
        replicas = self._replicas.list(key)
        usages = [self._node.workloads.usage(key.namespace, replica.id) for replica in replicas]
        return self._views.measure(function, [usage for usage in usages if usage is not None])

    def list(self, namespace: str) -> Sequence[FunctionView]:
        """Return the functions of a namespace, by name."""
        return [self._views.view(function) for function in self._store.list(namespace)]

    def _want(self, before: Function | None, after: Function) -> None:
        """Store another generation, once there is room for it."""
        keep = before is not None and self._is_good(before)
        kept = self._store.find_previous(after.key) or (before if keep else None)
        claim = Claim(wanted=after, previous=kept)
        trial = after.replicas == 0 and self._can_try(claim)
        if after.replicas > 0:
            self._take_room(claim, _MEMORY)
        self._store.put(after, keep_previous=keep, trial=trial)

    def _can_try(self, claim: Claim) -> bool:
        """Tell whether another generation of a sleeping function is tried before it sleeps on.

        Where there is no room for a try it is judged when it first wakes. Until then it has no
        process, and asks for nothing.

        Raises:
            NoRoom: it could never wake.
        """
        self.room.check_alone(claim.wanted, _MEMORY)
        deep = self._store.sleeps.find(claim.wanted.key).deep
        return claim.previous is not None and self.room.has(replace(claim, deep=deep, trial=True))

    def _set_replicas(self, function: Function, replicas: int) -> None:
        if replicas > 0:  # A sleep never asks for more than there was.
            previous = self._store.find_previous(function.key)
            claim = Claim(wanted=replace(function, replicas=replicas), previous=previous)
            self._take_room(claim, "replicas")
        self._store.set_replicas(function.key, replicas)

    def _take_room(self, claim: Claim, field: str) -> None:
        for key in self.room.take(claim, field):
            log.info("%s is stopped, it was paused: %s needs memory", key, claim.wanted.key)
            self._wake(key)

    def _is_good(self, function: Function) -> bool:
        """Tell whether to go back to a function as it is wanted now: it answers, or is asleep."""
        if function.replicas == 0:
            return True
        generation = function.generation
        ready = (r.workload.generation for r in self._replicas.list(function.key) if r.ready)
        return generation in ready

    def _next(self, before: Function | None, deployment: Deployment, digest: str) -> Function:
        least = read_scaling(deployment.labels).least
        most = read_scaling(deployment.labels).most
        awake = before is None or before.replicas > 0
        replicas = min(max(before.replicas if before else 0, least), most) if awake else 0
        return Function(
            deployment=deployment,
            digest=digest,
            generation=self._store.next_generation(),
            replicas=replicas,
            created_at=datetime.now(UTC) if before is None else before.created_at,
        )

    def _undo_if_namespace_is_gone(self, key: FunctionKey) -> None:
        """Forget a function whose namespace went away while it was deployed."""
        try:
            self._admission.check_namespace(key.namespace)
        except Unsatisfiable:
            self._store.remove(key)
            raise


def _is_same(before: Function, deployment: Deployment, digest: str) -> bool:
    return before.digest == digest and is_unchanged(before.deployment, deployment)


def _unknown(key: FunctionKey) -> NotFound:
    return NotFound(
        f"function {key.name} does not exist in namespace {key.namespace}", field="name"
    )
