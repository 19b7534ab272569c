"""`python3 -m faasd.collector RUN_DIR LOG_DIR`: what `faasd collect` becomes."""

import logging
import sys

from faasd.collector.command import run
from faasd.collector.settings import CollectorSettings

logging.basicConfig(level=logging.INFO, format="%(message)s")
run(CollectorSettings(run_dir=sys.argv[1], log_dir=sys.argv[2]))
