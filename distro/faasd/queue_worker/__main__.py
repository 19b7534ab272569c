"""`python3 -m faasd.queue_worker`: the program in the container `queue-worker`."""

import logging
import os
import sys

from faasd.base.errors import FaasdError


def main() -> None:
    """Work until told to end; exit with a sentence where that cannot be."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    # aiohttp loads gunicorn where there is one, to be run by it: 7 MB for nothing.
    sys.modules["gunicorn.config"] = None  # type: ignore[assignment]
    from faasd.queue_worker.run import run  # noqa: PLC0415  # after that
    from faasd.queue_worker.settings import read_settings  # noqa: PLC0415

    try:
        run(read_settings(os.environ))
    except FaasdError as error:
        sys.exit(f"queue-worker: {error}")
    except OSError as error:
        sys.exit(f"queue-worker: cannot listen: {error.strerror}")


main()
