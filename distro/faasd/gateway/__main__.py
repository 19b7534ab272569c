"""`python3 -m faasd.gateway`: the program in the container `gateway`."""

import logging
import os
import sys

from faasd.base.errors import FaasdError


def main() -> None:
    """Run until told to end; exit with a sentence where that cannot be."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    # aiohttp loads gunicorn where there is one, to be run by it: 7 MB for nothing.
    sys.modules["gunicorn.config"] = None  # type: ignore[assignment]
    from faasd.gateway.open import run  # noqa: PLC0415  # after that

    try:
        run(os.environ)
    except FaasdError as error:
        sys.exit(f"gateway: {error}")


main()
