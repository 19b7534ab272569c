"""The worker's settings, read once from the environment (docs/queue.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from faasd.queue.limits import MIB, StreamLimits, read_limits
from faasd.queue.reading import Reader

_MOST_PORT = 65535
_LEAST_ACK_WAIT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrySettings:
    """When a call is made again; durations in seconds.

    Attributes:
        tries: after the last of them it is a dead letter.
        first_wait: after the first try; doubled after each, up to ``most_wait``.
        retry_after_most: of a function's ``Retry-After``, what is honoured.
    """

    tries: int = 10
    first_wait: float = 1.0
    most_wait: float = 60.0
    retry_after_most: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackSettings:
    """How answers are posted.

    Attributes:
        seconds: for the receiver to answer.
        tries: until the receiver took it.
        memory: bytes of an answer that are held, so that it can be posted again; a larger one is
            passed on as it comes, once.
    """

    seconds: float = 30.0
    tries: int = 3
    memory: int = MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """See docs/queue.md; durations in seconds.

    Attributes:
        max_inflight: calls at once.
        ack_wait: after which NATS gives a call of a silent worker to another.
        call_timeout: of a function's silence.
        reach_timeout: in which the router has to be reached, before that counts as a try.
        grace: for calls in flight, once the worker is told to stop.
        secrets: directory of the login that the queue's own API asks for.
    """

    nats_url: str = "nats://nats:4222"
    gateway_url: str = "http://gateway:8080"
    max_inflight: int = 16
    ack_wait: float = 10.0
    call_timeout: float = 600.0
    reach_timeout: float = 60.0
    grace: float = 8.0
    bind_host: str = "0.0.0.0"  # noqa: S104  # the container's own network
    port: int = 8083
    secrets: str = "/run/secrets"
    retry: RetrySettings = field(default_factory=RetrySettings)
    callback: CallbackSettings = field(default_factory=CallbackSettings)
    limits: StreamLimits = field(default_factory=StreamLimits)


def read_settings(environment: Mapping[str, str]) -> WorkerSettings:
    """Read the settings.

    Raises:
        InvalidInput: one is wrong; the sentence names it.
    """
    default = WorkerSettings()
    get = Reader(environment)
    return WorkerSettings(
        nats_url=get.url("nats_url", default.nats_url, ("nats", "tls")),
        gateway_url=get.url("gateway_url", default.gateway_url, ("http",)),
        max_inflight=get.number("max_inflight", default.max_inflight, 10_000),
        ack_wait=get.seconds("ack_wait", default.ack_wait, _LEAST_ACK_WAIT),
        call_timeout=get.seconds("call_timeout", default.call_timeout, 1.0),
        reach_timeout=get.seconds("reach_timeout", default.reach_timeout),
        grace=get.seconds("shutdown_grace", default.grace),
        bind_host=get.text("bind_host", default.bind_host),
        port=get.number("port", default.port, _MOST_PORT),
        secrets=get.text("secret_mount_path", default.secrets),
        retry=_read_retry(get),
        callback=_read_callback(get),
        limits=read_limits(environment),
    )


def _read_retry(get: Reader) -> RetrySettings:
    default = RetrySettings()
    return RetrySettings(
        tries=get.number("max_tries", default.tries, 1000),
        first_wait=get.seconds("retry_first_wait", default.first_wait),
        most_wait=get.seconds("retry_most_wait", default.most_wait),
        retry_after_most=get.seconds("retry_after_most", default.retry_after_most),
    )


def _read_callback(get: Reader) -> CallbackSettings:
    default = CallbackSettings()
    return CallbackSettings(
        seconds=get.seconds("callback_timeout", default.seconds, 1.0),
        tries=get.number("callback_tries", default.tries, 100),
        memory=get.memory("callback_memory", default.memory),
    )
