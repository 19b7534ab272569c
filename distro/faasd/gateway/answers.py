"""Errors as the gateway's answers: one sentence of text, never a traceback."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable

from aiohttp import web

from faasd.base.errors import FaasdError
from faasd.http.statuses import RETRY_AFTER, status_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Middleware = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]

log = logging.getLogger(__name__)


def text(status: int, sentence: str, **headers: str) -> web.Response:
    """Return one sentence; underscores in the headers' names are dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(status=status, text=f"{sentence}\n", headers=named)


@web.middleware
async def answer_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error by its status and a sentence."""
    try:
        return await handler(request)
    except FaasdError as error:
        return known(error)
    except web.HTTPException as error:
        return _http(error)
    except ConnectionError as error:  # the client's: there is nobody to answer
        raise asyncio.CancelledError from error
    except Exception:
        incident = uuid.uuid4()
        log.exception("incident %s", incident)
        return text(500, f"something went wrong here; the log knows more, incident {incident}")


def known(error: FaasdError) -> web.Response:
    """Return the answer that tells of an error of ours."""
    status = status_of(error)
    again = {"Retry-After": RETRY_AFTER[status]} if status in RETRY_AFTER else {}
    return text(status, str(error), **again)


def _http(error: web.HTTPException) -> web.StreamResponse:
    if error.status < 400:  # noqa: PLR2004  # a redirect is no failure
        raise error
    sentence = {
        404: "there is nothing at this path",
        405: "this path does not take this method",
    }.get(error.status, error.reason)
    response = text(error.status, sentence)
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response
