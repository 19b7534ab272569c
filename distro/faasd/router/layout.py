"""All that HAProxy's configuration and map say of functions: backends, slots and who is in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from faasd.router.pool import Pool, Shape, backend_names, slot_names
from faasd.router.wanted import Endpoint, FunctionName

Slot = tuple[str, str]
"""A backend's name and its server's, e.g. ``("f017", "r1")``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which function holds which backend, and the endpoints in its live slots."""

    shape: Shape
    functions: Mapping[FunctionName, str]
    live: Mapping[Slot, Endpoint]


def lay_out(
    pool: Pool, routes: Mapping[FunctionName, Sequence[Endpoint]], found: Mapping[Slot, Endpoint]
) -> Layout:
    """Return the layout for `routes`: an endpoint stays in the slot in which it was `found`."""
    live: dict[Slot, Endpoint] = {}
    for function, backend in pool.held.items():
        live.update(_fill(pool.shape, backend, routes[function], found))
    return Layout(shape=pool.shape, functions=pool.held, live=live)


def all_slots(shape: Shape) -> Iterator[Slot]:
    """Yield every slot there is."""
    for backend in backend_names(shape):
        for server in slot_names(shape):
            yield backend, server


def _fill(
    shape: Shape, backend: str, endpoints: Sequence[Endpoint], found: Mapping[Slot, Endpoint]
) -> dict[Slot, Endpoint]:
    slots = [(backend, server) for server in slot_names(shape)]
    missing = dict.fromkeys(endpoints)
    filled = {}
    for slot in slots:
        if (endpoint := found.get(slot)) is not None and endpoint in missing:
            filled[slot] = endpoint
            del missing[endpoint]
    free = (slot for slot in slots if slot not in filled)
    return filled | dict(zip(free, missing, strict=False))
