"""Namespaces for functions: containerd's, with the label ``openfaas``."""

from collections.abc import Callable, Mapping, Sequence

from faasd.base.errors import AlreadyExists, InUse, InvalidInput, NotFound
from faasd.base.names import DEFAULT_FUNCTION_NAMESPACE
from faasd.node.open import Node
from provider_app.domain.function import FunctionKey
from provider_app.domain.namespace import MANAGED, RESERVED, Namespace
from provider_app.services.departures import Departures
from provider_app.services.namespace_store import NamespaceStore

SHOWN = 10
"""Functions that a sentence names, at most."""


class Namespaces:
    """The namespaces that hold functions; no other is told of or touched.

    Args:
        wake: called with each function that shall be no more.
    """

    def __init__(
        self,
        node: Node,
        store: NamespaceStore,
        departures: Departures,
        wake: Callable[[FunctionKey], None],
    ) -> None:
        self._namespaces = node.namespaces
        self._store = store
        self._departures = departures
        self._wake = wake

    def list(self) -> Sequence[str]:
        """Return their names; those that are being removed are among them until they are gone."""
        found = self._namespaces.list()
        return sorted(name for name, labels in found.items() if MANAGED in labels)

    def check(self, name: str) -> None:
        """Check that there is such a namespace. The default one is always there.

        Raises:
            NotFound: there is none.
        """
        if name != DEFAULT_FUNCTION_NAMESPACE:
            self._labels(name)

    def get(self, name: str) -> Namespace:
        """Return one.

        Raises:
            NotFound: there is none.
        """
        labels = self._labels(name)
        shown = {key: value for key, value in labels.items() if not key.startswith(RESERVED)}
        return Namespace(name=name, labels=shown, annotations=self._store.annotations(name))

    def create(self, namespace: Namespace) -> None:
        """Make one.

        Raises:
            AlreadyExists: there is one, or containerd has one that is not for functions.
            InUse: one of that name is being removed.
        """
        self._check_stays(namespace.name)
        try:
            self._namespaces.create(namespace.name, namespace.labels)
        except AlreadyExists as error:
            raise AlreadyExists(
                f"name: namespace {namespace.name} exists already", field="name"
            ) from error
        self._store.set_annotations(namespace.name, namespace.annotations)

    def update(self, namespace: Namespace) -> None:
        """Replace labels and annotations.

        Raises:
            NotFound: there is none of that name.
            InUse: it is being removed.
        """
        before = self._labels(namespace.name)
        self._check_stays(namespace.name)
        own = {key: value for key, value in before.items() if key.startswith(RESERVED)}
        self._namespaces.set_labels(namespace.name, {**own, **namespace.labels})
        self._store.set_annotations(namespace.name, namespace.annotations)

    def remove(self, name: str) -> None:
        """Remove one that has no functions, with its secrets and images.

        Raises:
            NotFound: there is none of that name.
            InUse: it has functions; the sentence names them.
            InvalidInput: it is the default one.
        """
        self._check_removable(name)
        functions = self._store.leave_if_empty(name)
        if functions:
            more = f" and {len(functions) - SHOWN} more" if len(functions) > SHOWN else ""
            raise InUse(
                f"name: namespace {name} has the functions {', '.join(functions[:SHOWN])}{more}: "
                "remove them, or all of it with ?force=true",
                field="name",
            )
        self._departures.hurry(name)

    def remove_with_functions(self, name: str) -> None:
        """Let one go with all that is in it. What takes longer is done after this, come what may.

        Raises:
            NotFound: there is none of that name.
            InvalidInput: it is the default one.
        """
        self._check_removable(name)
        for key in self._store.leave(name):
            self._wake(key)
        self._departures.hurry(name)

    def _check_removable(self, name: str) -> None:
        if name == DEFAULT_FUNCTION_NAMESPACE:
            raise InvalidInput(
                f"name: namespace {name} is the default one, it cannot be removed", field="name"
            )
        self._labels(name)

    def _check_stays(self, name: str) -> None:
        if name in self._store.list_leaving():
            raise InUse(
                f"name: namespace {name} is being removed, ask again when it is gone", field="name"
            )

    def _labels(self, name: str) -> Mapping[str, str]:
        labels = self._namespaces.list().get(name, {})
        if MANAGED not in labels:
            raise NotFound(f"namespace {name} does not exist", field="namespace")
        return labels
