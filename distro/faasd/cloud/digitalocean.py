"""DigitalOcean's API: whether the token is good and there is room for a droplet."""

import json
import os
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import cast
from urllib.parse import urlsplit

from faasd.base.errors import Unauthorized, Unavailable
from faasd.cloud.findings import Finding

TOKEN = "DIGITALOCEAN_TOKEN"  # noqa: S105
API = "https://api.digitalocean.com"
API_SETTING = "DIGITALOCEAN_API_URL"
"""The same that Terraform's provider reads."""
_OK = 200
_UNAUTHORIZED = 401
_TIMEOUT = 30.0
_NEW_TOKEN = f"make a token at cloud.digitalocean.com (API, read and write) and set {TOKEN}"


def check_digitalocean() -> Sequence[Finding]:
    """Look at the token and the droplets' limit."""
    token = os.environ.get(TOKEN, "")
    if not token:
        state = f"{TOKEN} is not set"
        return (Finding(what="credentials", state=state, advice=_NEW_TOKEN),)
    try:
        account = _ask(token, "/v2/account")["account"]
        meta = _ask(token, "/v2/droplets?per_page=1").get("meta", {})
    except Unauthorized as error:
        return (Finding(what="credentials", state=str(error), advice=_NEW_TOKEN),)
    except Unavailable as error:
        return (Finding(what="API", state=str(error), advice="try again later"),)
    who = Finding(what="credentials", state=f"account {account.get('status', '?')}")
    used, limit = int(str(meta.get("total", 0))), int(str(account.get("droplet_limit", 0)))
    return (who, judge_droplets(used, limit))


def judge_droplets(used: int, limit: int) -> Finding:
    """Decide whether one more droplet may be made."""
    state = f"{used} of {limit} in use"
    if used < limit:
        return Finding(what="droplets", state=state)
    return Finding(
        what="droplets", state=state, advice="destroy one, or ask DigitalOcean for a higher limit"
    )


def _ask(token: str, path: str) -> Mapping[str, Mapping[str, object]]:
    parts = urlsplit(os.environ.get(API_SETTING) or API)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        status, text = answer.status, answer.read()
        body = cast("Mapping[str, Mapping[str, object]]", json.loads(text or b"{}"))
    except (OSError, HTTPException, ValueError) as error:
        raise Unavailable(f"DigitalOcean's API does not answer: {error}") from None
    finally:
        connection.close()
    if status == _UNAUTHORIZED:
        raise Unauthorized("DigitalOcean refuses this token")
    if status != _OK:
        raise Unavailable(f"DigitalOcean's API answered {status} to {path}")
    return body
