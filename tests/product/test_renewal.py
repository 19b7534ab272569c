"""`faasd up` is started anew, as `faasd start` and an upgrade do it."""

import os
import signal

from tests.machine.processes import find_children, wait_until
from tests.product.place import UP, Product, load


def test_faasd_up_starts_anew_and_the_front_door_stays_open(product: Product, static: str) -> None:
    before = product.service_pids()
    with load(product.front, static) as seen:
        os.kill(product.pid_of("up"), signal.SIGUSR1)
        wait_until(lambda: not product.is_running("up"), 10, "it has ended")
        product.start_program("up")
        wait_until(lambda: bool(find_children(product.pid_of("up"))), UP, "it works")
        wait_until(lambda: not find_children(product.pid_of("up")), UP, "it rests")
        enough = seen.requests + 100
        wait_until(lambda: seen.requests > enough, 60, "more calls")

    assert seen.failed == []
    assert product.service_pids() == before
