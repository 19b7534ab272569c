#!/bin/bash
# sudo bench/run.sh [--quick] [--plots DIR] [SECTION…]: measures the node and prints one table,
# ours beside the baseline. Sections are `paths` and `scaling`; all of them unless told.
#
# Runs in a machine of its own (tests/sandbox/enter): all traffic is on its loopback and to its
# own containers. Takes a quarter of an hour; --quick takes fewer repeats.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ "$(id -u)" = 0 ] || { echo "bench/run.sh needs root: sudo bench/run.sh" >&2; exit 2; }
if [ -f setup.py ]; then
    /usr/bin/python3 -W ignore setup.py -q build_protos
fi
tests/core-images.sh >/dev/null # outside: in a sandbox is no mirror
export PYTHONPATH=distro:. PYTHONDONTWRITEBYTECODE=1 FAASD_SANDBOX_DISK=1
exec timeout --kill-after=10 2400 tests/sandbox/enter /usr/bin/python3 -m bench "$@"
