"""A memory limit holds, and only its function feels it."""

import http.client

import pytest

from tests.conformance.client import Unanswered
from tests.conformance.scene import Function, Scene

LIMIT = 32
BELOW, ABOVE = 4 * 2**20, 256 * 2**20


@pytest.fixture
def limited(scene: Scene) -> Function:
    """A function that takes as much memory as it is told to, of at most 32 MiB."""
    return scene.function("limited", "static", limits={"memory": f"{LIMIT}Mi"})


def allocate(function: Function, size: int) -> int:
    """Let it take so many bytes; return the status, or 0 where the connection broke."""
    try:
        return function.call("POST", f"/alloc?bytes={size}").status
    except (Unanswered, http.client.HTTPException):
        return 0


def test_memory_below_the_limit_is_had(limited: Function) -> None:
    assert allocate(limited, BELOW) == 200


def test_memory_above_the_limit_is_not_had(limited: Function) -> None:
    assert allocate(limited, ABOVE) != 200


def test_without_a_limit_as_much_is_had(scene: Scene) -> None:
    assert allocate(scene.function("unlimited", "static"), ABOVE) == 200


def test_the_node_and_others_live_on(scene: Scene, limited: Function) -> None:
    other = scene.function("other")

    allocate(limited, ABOVE)

    scene.client.call("GET", "/healthz").expect(200)
    other.call().expect(200)


def test_what_was_killed_comes_back(limited: Function) -> None:
    allocate(limited, ABOVE)

    limited.wait(lambda: allocate(limited, BELOW) == 200, f"{limited.name} to answer again")
