"""How often an address has guessed wrong, within bounds. Pure but for the clock that is passed in.

An address that guessed wrong too often waits, whatever it says next; others are not concerned.
"""

import ipaddress
from collections import OrderedDict, deque
from collections.abc import Callable

WINDOW = 60.0
MOST_ADDRESSES = 4096
"""The longest silent one is forgotten first: about 1 MB when full."""
_IPV6_PREFIX = 64
"""What one customer has of IPv6; each address of it would be a new one otherwise."""


class Guesses:
    """Remembers the times of wrong guesses by address, for a minute."""

    def __init__(self, *, most: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._clock = clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_seconds(self, address: str) -> float:
        """Return for how long this address may not guess; 0 when it may."""
        times = self._times.get(_network(address))
        if times is None or len(times) < self._most:
            return 0.0
        return max(0.0, times[0] + WINDOW - self._clock())

    def note(self, address: str) -> None:
        """Remember one wrong guess."""
        key = _network(address)
        times = self._times.setdefault(key, deque(maxlen=self._most))
        times.append(self._clock())
        self._times.move_to_end(key)
        while len(self._times) > MOST_ADDRESSES:
            self._times.popitem(last=False)

    def forget(self, address: str) -> None:
        """Start anew for an address that said the right one."""
        self._times.pop(_network(address), None)

    def __len__(self) -> int:
        return len(self._times)


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    mapped = parsed.ipv4_mapped
    if mapped is not None:
        return str(mapped)
    return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False))
