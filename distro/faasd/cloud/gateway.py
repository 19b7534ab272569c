"""A node's gateway as it is seen from a laptop."""

import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from faasd.base.errors import TimedOut

_OK = 200
_ONE_TRY = 10.0
_BETWEEN = 5.0


def is_answering(url: str, timeout: float = _ONE_TRY) -> bool:
    """Tell whether `url`/healthz answers 200; a certificate must be valid."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == _OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def wait_for_gateway(
    url: str,
    seconds: float,
    say: Callable[[str], None],
    pause: Callable[[float], None] = time.sleep,
) -> float:
    """Wait until the gateway answers; return how many seconds it took.

    Raises:
        TimedOut: it did not within `seconds`.
    """
    began = time.monotonic()
    while not is_answering(url):
        passed = time.monotonic() - began
        if passed > seconds:
            raise TimedOut(
                f"{url} did not answer within {seconds:.0f} s. Log in by SSH and look at "
                "/var/log/cloud-init-output.log; its end says why"
            )
        say(f"waiting for {url} ({passed:.0f} s)")
        pause(_BETWEEN)
    return time.monotonic() - began
