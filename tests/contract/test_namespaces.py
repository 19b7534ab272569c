"""What the namespaces of every machine promise."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from faasd.base.errors import AlreadyExists, InUse, NotFound
from faasd.node.domain.container import ContainerSpec
from tests.contract.backends import Backend, image

NAME = "staging"


@pytest.fixture
def staging(backend: Backend) -> Iterator[Backend]:
    """A machine with a second namespace."""
    backend.node.namespaces.create(NAME, {"openfaas": "true", "team": "a"})
    yield backend
    with suppress(NotFound):
        for workload in backend.node.workloads.list(NAME):
            backend.node.workloads.remove(NAME, workload.id)
    backend.node.namespaces.clear(NAME)
    backend.node.namespaces.remove(NAME)


def labels(backend: Backend) -> dict[str, str]:
    return dict(backend.node.namespaces.list()[NAME])


def test_a_namespace_is_made_once(staging: Backend) -> None:
    assert labels(staging) == {"openfaas": "true", "team": "a"}
    with pytest.raises(AlreadyExists):
        staging.node.namespaces.create(NAME, {})
    assert labels(staging) == {"openfaas": "true", "team": "a"}


def test_to_ensure_a_label_leaves_the_others(staging: Backend) -> None:
    staging.node.namespaces.ensure(NAME, {"openfaas": "1"})

    assert labels(staging) == {"openfaas": "1", "team": "a"}


def test_labels_are_replaced_as_a_whole(staging: Backend) -> None:
    staging.node.namespaces.set_labels(NAME, {"openfaas": "1", "new": "x"})

    assert labels(staging) == {"openfaas": "1", "new": "x"}


def test_a_namespace_that_is_not_there_has_no_labels_to_set(backend: Backend) -> None:
    with pytest.raises(NotFound):
        backend.node.namespaces.set_labels("nowhere", {"a": "b"})
    assert "nowhere" not in backend.node.namespaces.list()


def test_a_cleared_namespace_can_be_removed_and_made_again(staging: Backend) -> None:
    staging.hold_images(NAME)
    with pytest.raises(InUse):
        staging.node.namespaces.remove(NAME)

    staging.node.namespaces.clear(NAME)
    staging.node.namespaces.remove(NAME)

    assert NAME not in staging.node.namespaces.list()
    staging.node.namespaces.create(NAME, {})
    assert staging.node.images.list(NAME) == []


def test_a_namespace_with_a_container_is_kept_whatever_was_cleared(staging: Backend) -> None:
    staging.hold_images(NAME)
    spec = ContainerSpec(namespace=NAME, id="fn.1.0", name="fn", image=image("serve"))
    staging.node.workloads.create(spec)

    staging.node.namespaces.clear(NAME)

    with pytest.raises(InUse):
        staging.node.namespaces.remove(NAME)
    assert [found.id for found in staging.node.workloads.list(NAME)] == ["fn.1.0"]


def test_the_machine_has_memory_for_containers(backend: Backend) -> None:
    assert backend.node.machine.memory() > 64 << 20
