"""Scaling by hand: to none, from none by a call, to several."""

from concurrent.futures import ThreadPoolExecutor

from tests.conformance.scene import DONE, Scene


def test_scaled_to_zero_it_has_no_replica_and_is_still_listed(scene: Scene) -> None:
    function = scene.function("zero")

    function.scale(0).expect(*DONE)

    function.wait_replicas(0)
    assert function.status()["replicas"] == 0
    assert function.name in scene.functions()


def test_a_call_wakes_what_is_scaled_to_zero(scene: Scene) -> None:
    function = scene.function("asleep")
    function.scale(0).expect(*DONE)
    function.wait_replicas(0)

    def wakes() -> bool:
        function.call("POST", body=b"wake up").expect(200)  # Each, whenever it falls asleep.
        return bool(function.status()["availableReplicas"] == 1)

    function.wait(wakes, f"{function.name} to be awake")


def test_of_many_callers_at_once_of_what_is_asleep_every_one_is_answered(scene: Scene) -> None:
    function = scene.function("herd")
    function.scale(0).expect(*DONE)
    function.wait_replicas(0)

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: function.call().status, range(8)))

    assert statuses == [200] * 8


def test_scaled_to_one_it_answers_again(scene: Scene) -> None:
    function = scene.function("back")
    function.scale(0).expect(*DONE)
    function.wait_replicas(0)

    function.scale(1).expect(*DONE)

    function.wait_replicas(1)
    function.call().expect(200)


def test_scaled_to_two_both_answer(scene: Scene) -> None:
    function = scene.function("pair")

    function.scale(2).expect(*DONE)

    function.wait_replicas(2)
    hosts = {function.seen()["env"].get("HOSTNAME", "") for _ in range(20)}
    assert function.status()["replicas"] == 2
    assert len(hosts) in (1, 2)  # One where replicas have no host name of their own.


def test_scaling_what_is_not_there_is_404(scene: Scene) -> None:
    scene.unknown("missing").scale(1).expect(404)


def test_it_can_be_deleted_while_it_has_no_replica(scene: Scene) -> None:
    function = scene.function("asleep")
    function.scale(0).expect(*DONE)
    function.wait_replicas(0)

    function.delete().expect(*DONE)

    function.wait(function.is_gone, f"{function.name} to be gone")
