"""gunicorn's first process, which tells systemd that the provider ends."""

from gunicorn.arbiter import Arbiter

from provider_app.gunicorn_settings import notices


class FrankArbiter(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """Starts the worker, and starts it again where it died."""

    def stop(self, graceful: bool = True) -> None:  # noqa: FBT001, FBT002  # gunicorn's signature
        """Say so, and end the worker."""
        notices.tell_stopping()
        super().stop(graceful)
