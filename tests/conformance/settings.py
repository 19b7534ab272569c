"""Which node is asked, and what it is asked to run, from the environment (README.md lists all)."""

from collections.abc import Mapping
from dataclasses import dataclass

REGISTRY = "127.0.0.1:5000"
IMAGES = {
    "serve": f"{REGISTRY}/conformance/serve:1",
    "serve2": f"{REGISTRY}/conformance/serve:2",
    "static": f"{REGISTRY}/conformance/static:1",
    "watchdog": f"{REGISTRY}/conformance/watchdog:1",
    "of-watchdog": f"{REGISTRY}/conformance/of-watchdog:1",
}
"""References by kind; `tests.programs.images.CONFIGS` says what each kind is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One run.

    Attributes:
        url: without a slash at the end; empty for a node that the suite starts itself.
        images: references by kind.
        timeout: seconds that a function may take to become ready, or to be gone.
        has_async: whether there is ``/async-function``.
        inner_url: where functions and the queue reach the gateway, for callbacks.
    """

    url: str
    user: str
    password: str
    images: Mapping[str, str]
    timeout: float
    has_async: bool
    inner_url: str


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read them; raise ValueError with a sentence where one is wrong."""
    url = environment.get("OPENFAAS_URL", "").rstrip("/")
    if url and not url.startswith(("http://", "https://")):
        raise ValueError(f"OPENFAAS_URL is {url!r}: it must begin with http:// or https://")
    return Settings(
        url=url,
        user=environment.get("OPENFAAS_USER", "admin"),
        password=environment.get("OPENFAAS_PASSWORD", ""),
        images={kind: environment.get(image_variable(kind), IMAGES[kind]) for kind in IMAGES},
        timeout=_seconds(environment.get("CONFORMANCE_TIMEOUT", "60")),
        has_async=environment.get("CONFORMANCE_ASYNC", "") == "1",
        inner_url=environment.get("CONFORMANCE_INNER_URL", "http://gateway:8080").rstrip("/"),
    )


def image_variable(kind: str) -> str:
    """Return the variable that names the image of a kind."""
    return f"CONFORMANCE_IMAGE_{kind.upper().replace('-', '_')}"


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"CONFORMANCE_TIMEOUT is {text!r}: it must be seconds") from None
