"""Who may use `/system` and `/ui`: the node's one login, and a limit on guesses at it."""

import logging
import math

from aiohttp import web

from faasd.gateway.answers import Handler, Middleware, text
from faasd.gateway.guesses import Guesses
from faasd.http.basic_auth import REALM, Login

log = logging.getLogger(__name__)

GUARDED = ("/system/", "/ui")
_READING = ("GET", "HEAD", "OPTIONS")


def ask_for_login(login: Login, guesses: Guesses) -> Middleware:
    """Return what lets nobody through to `GUARDED` without the login.

    Nor anything that a page of another site has a browser do: browsers add the login themselves.
    """

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(GUARDED):
            return await handler(request)
        refusal = _judge(request, login, guesses)
        if refusal is None:  # an answer is a mapping to aiohttp, and false when it is empty
            refusal = _judge_origin(request)
        return await handler(request) if refusal is None else refusal

    return guard


def find_caller(request: web.Request) -> str:
    """Return the address of whoever asks.

    What HAProxy appended to X-Forwarded-For is believed if HAProxy asks, which is on this
    machine; what a function says about itself, from its own address, is not.
    """
    peer = request.remote or ""
    if not _is_local(request, peer):
        return peer
    forwarded = request.headers.getall("X-Forwarded-For", [])
    return forwarded[-1].rpartition(",")[2].strip() if forwarded else peer


def _is_local(request: web.Request, peer: str) -> bool:
    if peer.startswith("127.") or peer == "::1":
        return True
    transport = request.transport
    own = transport.get_extra_info("sockname", ("",)) if transport is not None else ("",)
    return bool(peer) and own[0] == peer


def _judge(request: web.Request, login: Login, guesses: Guesses) -> web.Response | None:
    caller = find_caller(request)
    if (seconds := guesses.wait_seconds(caller)) > 0:
        return text(
            429,
            "too many wrong passwords from this address; wait and try again",
            Retry_After=str(math.ceil(seconds)),
        )
    header = request.headers.get("Authorization")
    if login.admits(header):
        guesses.forget(caller)
        return None
    if header is None:
        return text(401, "this needs the node's login", WWW_Authenticate=REALM)
    guesses.note(caller)
    if guesses.wait_seconds(caller) > 0:
        log.warning("%s guesses passwords and waits", caller[:64])
    return text(401, "this is not the node's login", WWW_Authenticate=REALM)


def _judge_origin(request: web.Request) -> web.Response | None:
    if request.method in _READING or _is_same_site(request):
        return None
    return text(403, "a page of another site asked for this; use the node's own page or a client")


def _is_same_site(request: web.Request) -> bool:
    fetched = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin")
    same_host = origin is None or origin.partition("://")[2] == request.headers.get("Host")
    return fetched in ("same-origin", "none") and same_host
