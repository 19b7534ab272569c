"""All that HAProxy's configuration and map say of functions: backends, slots and who is in them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
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
    pool: Pool,
    routes: Mapping[FunctionName, Sequence[Endpoint]],
    found: Mapping[Slot, Endpoint],
    *,
    busy: Collection[Slot] = (),
) -> Layout:
    """Return the layout for `routes`: an endpoint stays in the slot in which it was `found`.

    A slot that another endpoint leaves now, or in which requests of one that left are still
    `busy`, is taken last: as long as it is let alone, its requests can be told from others.
    """
    live: dict[Slot, Endpoint] = {}
    for function, backend in pool.held.items():
        taken = {slot: at for slot in _slots(pool.shape, backend) if (at := found.get(slot))}
        avoided = taken.keys() | busy
        live.update(_fill(_slots(pool.shape, backend), routes[function], taken, avoided))
    return Layout(shape=pool.shape, functions=pool.held, live=live)


def newcomers_backends(
    pool: Pool, routes: Mapping[FunctionName, Sequence[Endpoint]], found: Mapping[Slot, Endpoint]
) -> Sequence[str]:
    """Return the backends in which an endpoint needs a slot that it does not have yet."""
    there: dict[str, set[Endpoint]] = {}
    for (backend, _), endpoint in found.items():
        there.setdefault(backend, set()).add(endpoint)
    held = pool.held.items()
    return [b for function, b in held if not there.get(b, set()).issuperset(routes[function])]


def all_slots(shape: Shape) -> Iterator[Slot]:
    """Yield every slot there is."""
    for backend in backend_names(shape):
        for server in slot_names(shape):
            yield backend, server


def _slots(shape: Shape, backend: str) -> Sequence[Slot]:
    return [(backend, server) for server in slot_names(shape)]


def _fill(
    slots: Sequence[Slot],
    endpoints: Sequence[Endpoint],
    taken: Mapping[Slot, Endpoint],
    avoided: Collection[Slot],
) -> dict[Slot, Endpoint]:
    missing = dict.fromkeys(endpoints)
    filled = {}
    for slot, endpoint in taken.items():
        if endpoint in missing:
            filled[slot] = endpoint
            del missing[endpoint]
    free = sorted((slot for slot in slots if slot not in filled), key=lambda s: s in avoided)
    return filled | dict(zip(free, missing, strict=False))
