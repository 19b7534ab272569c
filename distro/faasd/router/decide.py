"""What to tell HAProxy so that it does what a layout says. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from faasd.base.errors import InvalidInput
from faasd.router.answers import ServerState
from faasd.router.layout import Layout, Slot, all_slots
from faasd.router.pool import Shape
from faasd.router.settings import RouterSettings
from faasd.router.wanted import Endpoint, FunctionName, map_entries, parse_function_name

_SLOT = re.compile(r"f(\d+) r(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What HAProxy does now, read from its runtime socket."""

    entries: Mapping[str, str]
    """Its map: a name in a path, and the backend for it."""
    servers: Mapping[Slot, ServerState]

    @property
    def live(self) -> Mapping[Slot, Endpoint]:
        """The endpoint in each slot that takes requests."""
        return {
            slot: state.endpoint
            for slot, state in self.servers.items()
            if state.enabled and state.endpoint is not None and _SLOT.fullmatch(" ".join(slot))
        }


def found_shape(found: Found) -> Shape:
    """Return how many backends and slots HAProxy has been started with."""
    matches = [_SLOT.fullmatch(" ".join(slot)) for slot in found.servers]
    numbers = [(int(match[1]) + 1, int(match[2])) for match in matches if match]
    if not numbers:
        return Shape()
    return Shape(backends=max(n for n, _ in numbers), slots=max(n for _, n in numbers))


def found_functions(found: Found) -> Mapping[FunctionName, str]:
    """Return who holds which backend by HAProxy's map."""
    return map_functions(found.entries)


def map_functions(entries: Mapping[str, str]) -> Mapping[FunctionName, str]:
    """Return who holds which backend by a map's entries; those of nobody's making are left out."""
    held = {}
    for key, backend in entries.items():
        try:
            held[parse_function_name(key)] = backend
        except InvalidInput:
            continue
    return held


def lacks_slots(found: Found, shape: Shape) -> bool:
    """Tell whether HAProxy must load a new configuration to have the slots of `shape`."""
    return any(slot not in found.servers for slot in all_slots(shape))


def decide_commands(settings: RouterSettings, found: Found, layout: Layout) -> list[str]:
    """Return the runtime commands that turn what was `found` into `layout`, in a safe order.

    A path is unmapped before its backend changes and mapped after; new replicas come in before
    old ones go, so that at no moment fewer serve than before and after.
    """
    wanted = dict(map_entries(layout.functions))
    gone = (key for key, backend in found.entries.items() if wanted.get(key) != backend)
    unmap = [f"del map {settings.map_file} {key}" for key in gone]
    slots = [slot for slot in all_slots(layout.shape) if slot not in layout.live]
    kept = {key for key, backend in found.entries.items() if wanted.get(key) == backend}
    return [
        *unmap,
        *_fixed(settings, found),
        *(c for slot, endpoint in layout.live.items() for c in _fill(found, slot, endpoint)),
        *(f"set server {b}/{s} state maint" for b, s in slots if found.servers[b, s].enabled),
        *(f"add map {settings.map_file} {k} {b}" for k, b in wanted.items() if k not in kept),
    ]


def _fill(found: Found, slot: Slot, endpoint: Endpoint) -> Iterator[str]:
    name, state = "/".join(slot), found.servers[slot]
    if state.endpoint != endpoint:
        yield _move(name, endpoint)
    if not state.enabled:
        yield f"set server {name} state ready"


def _fixed(settings: RouterSettings, found: Found) -> Iterator[str]:
    """The gateway and the activator may come back at another address."""
    for name, endpoint in (("gateway", settings.gateway), ("activator", settings.activator)):
        state = found.servers.get((name, name))
        if state is not None and state.endpoint != endpoint:
            yield _move(f"{name}/{name}", endpoint)


def _move(name: str, endpoint: Endpoint) -> str:
    return f"set server {name} addr {endpoint.address} port {endpoint.port}"
