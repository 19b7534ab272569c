"""What a Pi's memory is used for while nobody calls it."""

import re
import shlex
import time

from tests.images.pi_machine import Pi
from tests.vm.machine import wait_slowly

REST = 150.0
"""Seconds after which what is in use anyway has come back, and Go has given back what it had."""

_LOOK = "sleep 20; free -m >/run/used"
"""Without a login, which has 8 MB itself."""

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
    [ -z "$name" ] || awk -v "name=$name" '/^Pss:/ { pss = $2 } /^Swap:/ { swap = $2 }
        END { print int(pss / 1024) " MB, " int(swap / 1024) " MB compressed, " name }' \
        "$process/smaps_rollup"
done 2>/dev/null | sort -rn | head -n 24
"""


def page_in(pi: Pi) -> None:
    """Have all of it back, as it is before the timer."""
    pi.do("swapoff /dev/zram0 && swapon --priority 100 /dev/zram0")


def used_alone(pi: Pi) -> int:
    """Return the memory in use as `free` has it while nobody is logged in, in MB."""
    pi.do("rm -f /run/used; systemd-run --collect " + shlex.join(("sh", "-c", _LOOK)))
    time.sleep(40.0)
    return int(pi.do("awk '/^Mem/ { print $3 }' /run/used"))


def settle(pi: Pi) -> int:
    """Return the memory in use some time after what a card's timer does; it is not waited for."""
    pi.do("systemctl start faasd-image-page-out.service", 120)
    said = pi.do("journalctl -b -o cat -n 20 -u faasd-image-page-out.service")
    assert re.search(r"^[1-9]\d* processes, [1-9]\d* MiB paged out$", said, re.MULTILINE), said
    time.sleep(REST)
    return used_alone(pi)


def each(pi: Pi) -> str:
    """Return the processes that use most, each with its share of what it has with others (PSS)."""
    return pi.do(_EACH)


def remove_prometheus(pi: Pi) -> None:
    """Take it out of the core services, as docs/offline.md says."""
    pi.do(f"python3 -c {shlex.quote(_WITHOUT)}; faasd up --reload")
    wait_slowly(lambda: pi.run("pgrep -x prometheus").status == 1, 60, pi.tail)
