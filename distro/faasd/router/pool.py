"""Which function holds which of HAProxy's pre-declared backends.

The backends are anonymous (`f000` …), so that a deploy needs no new configuration: it takes a
free one. A released backend is the last to be taken again, so that its counters stay readable
and its last requests end among their own.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from faasd.base.errors import NoRoom
from faasd.router.wanted import FunctionName

MOST_BACKENDS = 4096
MOST_SLOTS = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How many backends are declared, and how many server slots each has."""

    backends: int = 32
    slots: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A shape, who holds what, and what is free: the next to be taken first."""

    shape: Shape
    held: Mapping[FunctionName, str]
    free: tuple[str, ...]


def backend_names(shape: Shape) -> tuple[str, ...]:
    """Return the names of the backends, `f000` and on."""
    return tuple(f"f{number:03}" for number in range(shape.backends))


def slot_names(shape: Shape) -> tuple[str, ...]:
    """Return the names of a backend's server slots, `r1` and on."""
    return tuple(f"r{number}" for number in range(1, shape.slots + 1))


def make_pool(shape: Shape, held: Mapping[FunctionName, str]) -> Pool:
    """Return the pool in which `held` is taken; a backend that is not declared is not held."""
    names = backend_names(shape)
    known = {function: backend for function, backend in held.items() if backend in names}
    taken = set(known.values())
    return Pool(shape=shape, held=known, free=tuple(n for n in names if n not in taken))


def reassign(
    pool: Pool, functions: Collection[FunctionName], *, busy: Collection[str] = ()
) -> Pool:
    """Return the pool in which exactly `functions` hold a backend each; who has one keeps it.

    Backends in `busy` still have requests of their last holder and are given to nobody.

    Raises:
        NoRoom: there are too few; see `grown` for the shape that has enough.
    """
    kept = {function: pool.held[function] for function in pool.held if function in functions}
    left = tuple(backend for function, backend in pool.held.items() if function not in kept)
    free = [backend for backend in pool.free if backend not in busy]
    newcomers = [function for function in functions if function not in kept]
    if len(newcomers) > len(free):
        raise NoRoom(
            f"the router has {len(free)} free backends, {len(newcomers)} functions need one"
        )
    given = dict(zip(newcomers, free, strict=False))
    rest = tuple(backend for backend in pool.free if backend not in given.values())
    return replace(pool, held={**kept, **given}, free=rest + left)


def grown(shape: Shape, *, backends: int, slots: int) -> Shape:
    """Return `shape`, doubled until it has so many backends and slots at least.

    Raises:
        NoRoom: that is more than one HAProxy is given here.
    """
    shape = replace(
        shape,
        backends=_doubled(shape.backends, backends),
        slots=_doubled(shape.slots, slots),
    )
    if shape.backends > MOST_BACKENDS or shape.slots > MOST_SLOTS:
        raise NoRoom(
            f"the router takes at most {MOST_BACKENDS} functions and {MOST_SLOTS} replicas of "
            f"each; {backends} functions and {slots} replicas are wanted"
        )
    return shape


def _doubled(now: int, wanted: int) -> int:
    while now < wanted:
        now *= 2
    return now
