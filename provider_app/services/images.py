"""The image that a function was deployed with, also when its tag has come to mean another."""

import logging

from faasd.base.errors import Unsatisfiable
from faasd.node.domain.image import Image, ResolvedImage
from faasd.node.domain.reference import parse_reference
from faasd.node.open import Node
from provider_app.domain.function import Function, FunctionKey
from provider_app.services.replicas import Replicas

log = logging.getLogger(__name__)


class Images:
    """Brings images to the node."""

    def __init__(self, node: Node, replicas: Replicas) -> None:
        self._images = node.images
        self._replicas = replicas

    def bring(self, wanted: Function, container: str) -> str:
        """Return by which name the node holds the image for a container, once it does.

        Raises:
            Unsatisfiable, Unavailable, NoRoom: it cannot be brought.
        """
        namespace = wanted.key.namespace
        for name in (wanted.deployment.image, _pin(wanted)):
            if _is(self._images.find(namespace, name), wanted.digest):
                return name
        if made_of := self._find_made_of(wanted.key, container):
            return made_of
        with self._replicas.doing(wanted.key, "pulling"):
            return self._images.pull(namespace, self._resolve(wanted)).name

    def _find_made_of(self, key: FunctionKey, container: str) -> str:
        """Return the name of the image that a container was made of, if the node holds one of it.

        Such a container has its root and its program: after a reboot it needs no registry.
        """
        made = (r.workload.record.image for r in self._replicas.list(key) if r.id == container)
        held = (name for name in made if self._images.find(key.namespace, name) is not None)
        return next(held, "")

    def _resolve(self, wanted: Function) -> ResolvedImage:
        """Ask by the tag, and by the digest where the tag moved: as after an update taken back."""
        image = self._images.resolve(wanted.deployment.image)
        if image.source_digest == wanted.digest:
            return image
        try:
            return self._images.resolve(_pin(wanted))
        except Unsatisfiable as error:
            log.warning("%s runs what %s means now: %s", wanted.key, image.name, error)
            return image


def _pin(wanted: Function) -> str:
    return parse_reference(wanted.deployment.image).with_digest(wanted.digest).name


def _is(image: Image | None, digest: str) -> bool:
    return image is not None and digest in (image.source_digest, image.digest)
