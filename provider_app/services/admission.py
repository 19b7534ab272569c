"""What of a deployment can be checked before it is wanted: namespace, image, secrets."""

from collections.abc import Mapping
from pathlib import Path

from faasd.base.errors import Unavailable, Unsatisfiable
from faasd.base.names import DEFAULT_FUNCTION_NAMESPACE
from faasd.node.domain.reference import LOCAL, parse_reference
from faasd.node.open import Node
from provider_app.config import ProviderConfig, PullPolicy
from provider_app.domain.deployment import Deployment
from provider_app.domain.namespace import MANAGED


class Admission:
    """Checks deployments against the node and its registries. Thread-safe."""

    def __init__(self, node: Node, config: ProviderConfig) -> None:
        self._node = node
        self._config = config

    def resolve(self, deployment: Deployment) -> str:
        """Return what the image's reference means now, as a digest.

        An image from a file has no registry to ask, nor has one of ``localhost/``, as images are
        called that come from files (a real registry there has a port). Where the registry does not
        answer, what the node holds will do.

        Raises:
            Unsatisfiable, Unavailable: there is no such image, or nobody knows.
        """
        held = self._node.images.find(deployment.namespace, deployment.image)
        if held is not None and not held.source_digest:
            return held.digest
        if held is not None and self._config.pull_policy is PullPolicy.IF_NOT_PRESENT:
            return held.source_digest
        name = parse_reference(deployment.image)
        if held is None and name.registry == LOCAL:
            raise Unsatisfiable(
                f"image {name.name} is not on this node: load it by "
                f"`faasd image load -n {deployment.namespace} FILE`",
                field="image",
            )
        try:
            return self._node.images.resolve(deployment.image).source_digest
        except Unavailable:
            if held is None:
                raise
            return held.source_digest

    def check_namespace(self, namespace: str) -> None:
        """Check that there is such a namespace, for functions.

        Raises:
            Unsatisfiable: there is none.
        """
        if namespace == DEFAULT_FUNCTION_NAMESPACE:
            return
        labels: Mapping[str, str] = self._node.namespaces.list().get(namespace, {})
        if MANAGED not in labels:
            raise Unsatisfiable(
                f"namespace: {namespace} does not exist, or is not for functions",
                field="namespace",
            )

    def check_secrets(self, deployment: Deployment) -> None:
        """Check that a deployment's secrets are there.

        Raises:
            Unsatisfiable: one is not; the sentence names it.
        """
        for name in deployment.secrets:
            path = Path(self._config.secrets_directory, deployment.namespace, name)
            if not path.is_file():
                raise Unsatisfiable(
                    f"secrets: {name} does not exist in namespace {deployment.namespace}",
                    field="secrets",
                )
