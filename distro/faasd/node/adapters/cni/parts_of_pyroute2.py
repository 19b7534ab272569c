"""The parts of pyroute2 that are used, without the others.

`import pyroute2` loads every part there is by its entry points: 200 modules, 9 MB that the
provider would keep for good after its first network. An empty package in its place lets single
parts be loaded: `netns` takes 0.2 MB, and netlink's 3 MB wait until it is asked for.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec
from typing import Any

from faasd.base.errors import Unavailable


def _open_package() -> None:
    """Make known where the parts lie; a package that is loaded already stays."""
    spec = None if "pyroute2" in sys.modules else find_spec("pyroute2")
    if spec is not None:
        sys.modules["pyroute2"] = module_from_spec(spec)


_open_package()

from pyroute2 import netns  # noqa: E402  # after that

__all__ = ["netns", "open_netlink"]


@contextmanager
def open_netlink() -> Iterator[Any]:
    """Open an `IPRoute` in this thread's network namespace.

    Raises:
        Unavailable: the kernel refused what was asked of it.
    """
    from pyroute2.iproute import IPRoute  # noqa: PLC0415  # large, and seldom needed
    from pyroute2.netlink.exceptions import NetlinkError  # noqa: PLC0415

    try:
        with IPRoute() as kernel:
            yield kernel
    except NetlinkError as error:
        raise Unavailable(f"the kernel refused: {error}") from error
