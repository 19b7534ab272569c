"""A caller never sees that a function was asleep."""

from concurrent.futures import ThreadPoolExecutor

from tests.e2e.client import Client
from tests.machine.processes import wait_until
from tests.product.place import Product

CALLERS = 200


def sleep(front: Client, name: str, product: Product) -> None:
    """Let a function sleep, and see that nothing of it runs."""
    assert front.scale(name, 0).status in (200, 202)
    wait_until(lambda: front.replicas(name) == 0, 10, "asleep")
    wait_until(lambda: not running(product), 10, "no task")


def running(product: Product) -> list[str]:
    lines = product.containerd.ctr("tasks", "ls").splitlines()[1:]
    return [line.split()[0] for line in lines]


def test_the_first_call_of_a_sleeping_function_is_answered(
    product: Product, front: Client, static: str
) -> None:
    statuses = []
    for _ in range(15):
        sleep(front, static, product)
        statuses.append(front.invoke(static).status)

    assert statuses == [200] * 15


def test_two_hundred_callers_at_once_wait_for_one_start(
    product: Product, front: Client, static: str
) -> None:
    sleep(front, static, product)

    with ThreadPoolExecutor(CALLERS) as pool:
        statuses = list(pool.map(lambda _: front.invoke(static).status, range(CALLERS)))

    assert statuses == [200] * CALLERS
    assert len(running(product)) == 1


def test_a_cold_call_survives_a_restart_of_the_provider(
    product: Product, front: Client, static: str
) -> None:
    sleep(front, static, product)
    product.kill_program("provider")

    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(front.invoke, static) for _ in range(4)]
        product.start_program("provider")
        statuses = [call.result().status for call in calls]

    assert statuses == [200] * 4
