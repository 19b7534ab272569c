"""Has the provider do what was decided."""

import json
from typing import Protocol
from urllib.parse import quote

from faasd.base.errors import BadAnswer, InUse, NoRoom, NotFound, Unavailable
from faasd.gateway.activator_waker import Waker
from faasd.gateway.provider import ProviderClient
from faasd.gateway.route_feed import RouteEntry


class Hand(Protocol):
    """Changes how many replicas a function has."""

    async def scale(self, entry: RouteEntry, replicas: int, /) -> int:
        """Ask for so many, without waiting for them; return how many it is to have.

        Raises:
            NotFound: there is no such function any more.
            InUse: it is not as `entry` says any more, or is to sleep and at work.
            NoRoom: not even one more has memory left.
            FaasdError: any other; it may be asked again.
        """

    async def awaken(self, key: str, /) -> tuple[str, ...]:
        """Ask for ``NAME.NAMESPACE`` to be started; see `Waker`."""


class ProviderHand:
    """Asks the provider's API."""

    def __init__(self, provider: ProviderClient, waker: Waker) -> None:
        self._provider = provider
        self._waker = waker

    async def scale(self, entry: RouteEntry, replicas: int) -> int:
        """Ask for so many replicas, or as many as fit; see `Hand`."""
        name, namespace = quote(entry.function, safe=""), quote(entry.namespace, safe="")
        path = f"/system/follow-load/{name}?namespace={namespace}"
        seen = {"generation": entry.generation, "replicas": entry.replicas}
        asked = {"replicas": replicas, "seen": seen}
        answer = await self._provider.ask("POST", path, body=json.dumps(asked).encode())
        said = answer.body[:200].decode(errors="replace").strip()
        match answer.status:
            case 200 | 202:
                return _read(answer.body)
            case 404:
                raise NotFound(f"function {entry.key} does not exist any more")
            case 409:
                raise InUse(said)
            case 507:
                raise NoRoom(said)
            case 429 | 503 | 504:
                raise Unavailable(f"the provider cannot scale now: {said}")
            case status:
                raise BadAnswer(f"the provider answered {status} when asked to scale: {said}")

    async def awaken(self, key: str) -> tuple[str, ...]:
        """Ask for a function to be started; see `Hand`."""
        return await self._waker.awaken(key)


def _read(body: bytes) -> int:
    try:
        return int(json.loads(body)["replicas"])
    except (ValueError, TypeError, KeyError) as error:
        raise BadAnswer(
            f"the provider tells of replicas in a way unknown: {body[:80]!r}"
        ) from error
