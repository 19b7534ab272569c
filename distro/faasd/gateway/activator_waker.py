"""Asks the provider to wake a function."""

from typing import Protocol

from faasd.base.errors import BadAnswer, NotFound, Overloaded, Unavailable
from faasd.gateway.provider import ProviderClient
from faasd.gateway.route_feed import read_awakened


class Waker(Protocol):
    """Lets a function that is asleep run again."""

    async def awaken(self, key: str, /) -> tuple[str, ...]:
        """Ask for ``NAME.NAMESPACE`` to be started, without waiting for it.

        Returns:
            The addresses of replicas that take calls already, as those of one that was frozen do;
            else none.

        Raises:
            NotFound: there is no such function.
            Unavailable, Overloaded, TimedOut: it may be asked again.
            FaasdError: any other: asking again is of no use.
        """


class ProviderWaker:
    """Asks the provider's API."""

    def __init__(self, provider: ProviderClient) -> None:
        self._provider = provider

    async def awaken(self, key: str) -> tuple[str, ...]:
        """Ask for a function to be started; see `Waker`."""
        name, _, namespace = key.partition(".")
        path = f"/system/awaken/{name}?namespace={namespace}"
        answer = await self._provider.ask("POST", path)
        match answer.status:
            case 200 | 202:
                return read_awakened(answer.body)
            case 404:
                raise NotFound(f"function {name} does not exist in namespace {namespace}")
            case 401 | 403:
                raise Unavailable("the provider refuses the gateway's login; run `faasd install`")
            case 429 | 503:
                raise Overloaded("the provider is too busy to start a function")
            case status if status >= 500:  # noqa: PLR2004
                raise Unavailable(f"the provider answered {status} when asked to start {key}")
            case status:
                raise BadAnswer(f"the provider answered {status} when asked to start {key}")
