"""What a Pi's memory is used for while nobody calls it."""

import shlex
import time

from tests.images.pi_machine import Pi
from tests.vm.machine import wait_slowly

PAUSE, LONGEST = 20.0, 300.0
"""Seconds from one look to the next, and until what is in use then counts as what is needed."""

_COMPOSE = "/var/lib/faasd/docker-compose.yaml"
_WITHOUT = f"""
import yaml
with open({_COMPOSE!r}) as file:
    compose = yaml.safe_load(file)
del compose["services"]["prometheus"]
with open({_COMPOSE!r}, "w") as file:
    yaml.safe_dump(compose, file)
"""
_EACH = r"""
for process in /proc/[0-9]*; do
    name=$(tr '\0' ' ' <"$process/cmdline" | cut -c 1-60)
    [ -z "$name" ] || awk -v "name=$name" '/^Pss:/ { print int($2 / 1024) " MB " name }' \
        "$process/smaps_rollup"
done 2>/dev/null | sort -rn | head -n 24
"""


def used(pi: Pi) -> int:
    """Return the memory in use as `free` has it, in MB: what functions cannot have."""
    return int(pi.do("free -m | awk '/^Mem/ { print $3 }'"))


def settle(pi: Pi) -> int:
    """Return the memory in use when it falls no more: Go gives back what it had over minutes."""
    began, lowest, last = time.monotonic(), used(pi), 0.0
    while time.monotonic() - began < LONGEST and last < 3 * PAUSE:
        time.sleep(PAUSE)
        now = used(pi)
        last = 0 if now < lowest - 1 else last + PAUSE
        lowest = min(lowest, now)
    return lowest


def each(pi: Pi) -> str:
    """Return the processes that use most, each with its share of what it has with others (PSS)."""
    return pi.do(_EACH)


def remove_prometheus(pi: Pi) -> None:
    """Take it out of the core services, as docs/offline.md says."""
    pi.do(f"python3 -c {shlex.quote(_WITHOUT)}; faasd up --reload")
    wait_slowly(lambda: pi.run("pgrep -x prometheus").status == 1, 60, pi.tail)
