"""Nothing that an operator does to a function fails a call of it."""

from tests.e2e.client import Client
from tests.machine.processes import wait_until
from tests.product.place import STATIC, Product, load

ROUNDS = 3


def test_updates_fail_no_call(product: Product, front: Client, static: str) -> None:
    with load(product.front, static) as seen:
        for number in range(ROUNDS):
            front.update(static, STATIC, envVars={"ROUND": str(number)})
            wait_until(lambda: one_replica_of(product, static), 30, "one generation")
        wait_until(lambda: seen.requests > 100, 60, f"{seen.requests} calls")

    assert seen.failed == []


def one_replica_of(product: Product, name: str) -> bool:
    found = product.containerd.ctr("containers", "ls", "-q").split()
    return len([one for one in found if one.split(".")[0] == name]) == 1 and (
        product.client().describe(name).json["annotations"]["com.openfaas.status.state"] == "ready"
    )


def test_going_to_sleep_and_waking_fails_no_call(
    product: Product, front: Client, static: str
) -> None:
    with load(product.front, static, threads=2) as seen:
        for _ in range(5):
            assert front.scale(static, 0).status in (200, 202)
            wait_until(lambda: front.replicas(static) >= 1, 20, "woken by the next call")

    assert seen.failed == []


def test_other_functions_deployed_and_deleted_fail_no_call(
    product: Product, front: Client, static: str
) -> None:
    names = [f"other{number}" for number in range(40)]
    with load(product.front, static) as seen:
        for name in names:
            front.deploy(name, STATIC, labels={"com.openfaas.scale.min": "1"})
        for name in names:
            front.wait_answers(name, 60)
        for name in names:
            front.delete(name)
        wait_until(lambda: front.names() == {static}, 60, "all gone")

    assert seen.failed == []
