"""`python3 -m faasd.queue_worker`: the program in the container `queue-worker`."""

import logging
import os
import sys

from faasd.base.errors import FaasdError
from faasd.queue_worker.run import run
from faasd.queue_worker.settings import read_settings

logging.basicConfig(level=logging.INFO, format="%(message)s")
try:
    run(read_settings(os.environ))
except FaasdError as error:
    sys.exit(f"queue-worker: {error}")
