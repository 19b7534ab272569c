"""Errors as HTTP statuses: the one table."""

from collections.abc import Mapping

from faasd.base import errors

STATUSES: Mapping[type[errors.FaasdError], int] = {
    errors.InvalidInput: 400,
    errors.Unauthorized: 401,
    errors.NotFound: 404,
    errors.AlreadyExists: 409,
    errors.InUse: 409,
    errors.TooLarge: 413,
    errors.Unsatisfiable: 422,
    errors.BadAnswer: 502,
    errors.Overloaded: 503,
    errors.Unavailable: 503,
    errors.TimedOut: 504,
    errors.NoRoom: 507,
}
RETRY_AFTER = {503: "1"}
"""Seconds after which to ask again, by status."""


def status_of(error: errors.FaasdError) -> int:
    """Return the status of an error; one of a class that is not in the table is 500."""
    return STATUSES.get(type(error), 500)
