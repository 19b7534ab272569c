"""What holds for every test: no network but its own, nothing left behind, and no skip."""

from collections.abc import Iterator

import pytest

from tests.guards.leaks import Leftovers
from tests.guards.network import forbid_outside_network
from tests.guards.tally import Tally

forbid_outside_network()


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Tally(), "faasd-tally")


@pytest.fixture(autouse=True)
def leaves_nothing_behind() -> Iterator[None]:
    """Fails a test that leaves a thread, process, mount or network interface behind.

    Fixtures of wider scope are set up before, so what they keep is none of the test's.
    """
    before = Leftovers.now()
    yield
    left = Leftovers.wait_for_none_since(before)
    assert not left, f"left behind: {', '.join(left)}"
