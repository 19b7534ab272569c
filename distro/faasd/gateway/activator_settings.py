"""What one activator allows, and how long it waits."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivatorSettings:
    """Limits; times in seconds.

    Attributes:
        wait_seconds: for a function to have a live replica; then 504.
        waiting_each: callers that wait for one function; one more gets 503.
        waiting_all: callers that wait for any function.
        head_bytes: of a request's line and headers.
        head_seconds: for them to come.
        connect_seconds: for one replica to accept a connection.
        tries: connections that are tried before 503.
        failed_seconds: a function that fails gets so long to mend before its callers are told.
        unknown_seconds: a function the router knows is told of within so long, or 404.
        idle_seconds: a conversation may be silent for so long, as in HAProxy's `timeout tunnel`.
        linger_seconds: as `idle_seconds`, once one side has ended its part.
        grace: for callers under way when the activator closes.
        replica_port: where functions listen.
    """

    wait_seconds: float = 60.0
    waiting_each: int = 1000
    waiting_all: int = 4000
    head_bytes: int = 32 << 10
    head_seconds: float = 10.0
    connect_seconds: float = 3.0
    tries: int = 8
    failed_seconds: float = 2.0
    unknown_seconds: float = 0.5
    idle_seconds: float = 3600.0
    linger_seconds: float = 60.0
    grace: float = 3.0
    replica_port: int = 8080
