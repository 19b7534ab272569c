"""Callers whom the activator itself must answer: too many, too late, or without hope."""

import asyncio
from dataclasses import replace

import pytest

from tests.unit.gateway.activat_provider import entry, ready
from tests.unit.gateway.activat_stand import FIRST, KEY, Answer, Stand, run, standing, until

CRASHED = "it ended with code 1"


def sentence(answer: Answer) -> str:
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["connection"] == "close"
    assert int(answer.headers["content-length"]) == len(answer.body)
    return answer.body.decode()


async def ask_many(stand: Stand, count: int, key: str = KEY) -> list["asyncio.Task[Answer]"]:
    before = stand.activator.waiting
    calls = [asyncio.create_task(stand.call(key=key)) for _ in range(count)]
    await until(lambda: stand.activator.waiting == before + count, "all wait")
    return calls


def test_one_caller_more_than_may_wait_for_a_function_is_told_to_try_again() -> None:
    async def test() -> None:
        async with standing(waiting_each=3) as stand:
            stand.provider.put(entry(), entry("other"))
            calls = await ask_many(stand, 3)
            answer = await stand.call()
            assert (answer.status, answer.headers["retry-after"]) == (503, "1")
            assert sentence(answer) == f"3 calls wait for function {KEY} already, try again\n"
            calls += await ask_many(stand, 1, "other.openfaas-fn")
            stand.provider.put(ready(FIRST), ready(FIRST, name="other"))
            assert [(await call).status for call in calls] == [200] * 4

    run(test())


def test_one_caller_more_than_may_wait_for_any_function_is_told_to_try_again() -> None:
    async def test() -> None:
        async with standing(waiting_all=3) as stand:
            stand.provider.put(entry(), entry("other"))
            calls = [*await ask_many(stand, 2), *await ask_many(stand, 1, "other.openfaas-fn")]
            answer = await stand.call()
            assert (answer.status, answer.headers["retry-after"]) == (503, "1")
            stand.provider.put(ready(FIRST), ready(FIRST, name="other"))
            assert [(await call).status for call in calls] == [200] * 3

    run(test())


def test_a_place_is_free_again_for_the_next_caller() -> None:
    async def test() -> None:
        async with standing(waiting_each=1) as stand:
            stand.provider.put(entry())
            for _ in range(3):
                (call,) = await ask_many(stand, 1)
                stand.provider.put(ready(FIRST))
                assert (await call).status == 200
                stand.provider.put(entry())
                await until(lambda: stand.routes.find(KEY) == entry(), "it sleeps again")

    run(test())


def test_a_function_that_takes_too_long_gives_504() -> None:
    async def test() -> None:
        async with standing(wait_seconds=0.2) as stand:
            stand.provider.put(entry())
            answer = await stand.call()
            assert answer.status == 504
            assert sentence(answer) == f"function {KEY} did not become ready within 0.2 s\n"
            assert stand.activator.waiting == 0

    run(test())


def test_a_provider_that_stays_away_gives_503() -> None:
    async def test() -> None:
        async with standing(wait_seconds=0.3) as stand:
            stand.provider.put(entry())
            await until(lambda: stand.routes.find(KEY) is not None, "the function is known")
            await stand.provider.stop()
            answer = await stand.call()
            assert (answer.status, answer.headers["retry-after"]) == (503, "1")
            assert "the provider does not answer" in sentence(answer)

    run(test())


def test_a_provider_that_is_too_busy_is_asked_again() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(entry())
            stand.provider.awaken_status = 503
            (call,) = await ask_many(stand, 1)
            stand.provider.wake = lambda _: stand.provider.put(ready(FIRST))
            stand.provider.awaken_status = 202
            assert (await call).status == 200

    run(test())


def test_what_the_provider_thawed_while_it_was_asked_need_not_be_in_the_routes() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(entry())
            stand.provider.awaken_body = f'{{"available": ["{FIRST}"]}}'.encode()

            assert (await stand.call()).status == 200

            told = stand.routes.find(KEY)
            assert told is not None
            assert not told.live, "what may be old by now is not kept"

    run(test())


def test_one_that_was_thawed_and_takes_no_connection_is_waited_for() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(entry())
            stand.provider.awaken_body = b'{"available": ["127.0.0.250"]}'
            (call,) = await ask_many(stand, 1)
            await until(lambda: bool(stand.provider.awakened), "the function is woken")
            stand.provider.awaken_body = b""
            stand.provider.put(ready(FIRST))

            assert (await call).status == 200

    run(test())


@pytest.mark.parametrize("body", [b"{}", b"[]", b"no", b'{"available": ["x"]}'])
def test_a_provider_that_answers_a_wake_in_a_way_unknown_gives_502(body: bytes) -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(entry())
            stand.provider.awaken_body = body

            answer = await stand.call()

            assert answer.status == 502
            assert "in a way unknown" in sentence(answer)

    run(test())


def test_a_provider_that_refuses_to_wake_is_not_asked_again() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(entry())
            stand.provider.awaken_status = 400
            answer = await stand.call()
            assert answer.status == 502
            assert "answered 400" in sentence(answer)

    run(test())


def test_an_unknown_function_gives_404() -> None:
    async def test() -> None:
        async with standing(unknown_seconds=0.05) as stand:
            answer = await stand.call(key="nobody.openfaas-fn")
            assert answer.status == 404
            assert sentence(answer) == "there is no function nobody.openfaas-fn on this node\n"

    run(test())


def test_a_function_that_the_router_knew_first_is_found() -> None:
    async def test() -> None:
        async with standing(unknown_seconds=20) as stand:
            (call,) = await ask_many(stand, 1)
            stand.provider.put(ready(FIRST))
            assert (await call).status == 200

    run(test())


def test_a_function_removed_while_it_is_waited_for_gives_404() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(entry())
            (call,) = await ask_many(stand, 1)
            stand.provider.remove(KEY)
            assert (await call).status == 404

    run(test())


def test_a_provider_that_knows_no_such_function_to_wake_gives_404() -> None:
    async def test() -> None:
        async with standing() as stand:
            stand.provider.put(entry())
            stand.provider.awaken_status = 404
            assert (await stand.call()).status == 404

    run(test())


def test_a_function_that_has_failed_for_long_gives_its_reason_at_once() -> None:
    async def test() -> None:
        async with standing(failed_seconds=0.05) as stand:
            stand.provider.put(entry(replicas=1, state="failed", reason=CRASHED))
            await until(lambda: stand.routes.find(KEY) is not None, "the function is known")
            await asyncio.sleep(0.05)
            async with asyncio.timeout(10):
                answer = await stand.call()
            assert (answer.status, answer.headers["retry-after"]) == (503, "1")
            assert sentence(answer) == f"function {KEY} cannot be started: {CRASHED}\n"
            assert stand.provider.awakened == []

    run(test())


def test_a_function_that_fails_again_while_it_is_waited_for_gives_its_reason_at_once() -> None:
    async def test() -> None:
        async with standing(failed_seconds=50) as stand:
            stand.provider.put(entry())
            (call,) = await ask_many(stand, 1)
            first = entry(replicas=1, state="failed", reason=CRASHED)
            second = replace(first, reason=f"{CRASHED} (2 times in a row)")
            stand.provider.put(first, second)
            answer = await call
            assert answer.status == 503
            assert sentence(answer).endswith(f"{CRASHED} (2 times in a row)\n")

    run(test())


def test_one_failure_is_not_the_end_of_a_start() -> None:
    async def test() -> None:
        async with standing(failed_seconds=50) as stand:
            stand.provider.put(entry())
            (call,) = await ask_many(stand, 1)
            stand.provider.put(entry(replicas=1, state="failed", reason=CRASHED))
            await until(lambda: stand.routes.find_failing(KEY) is not None, "it has failed")
            stand.provider.put(ready(FIRST))
            assert (await call).status == 200

    run(test())


def test_a_failure_from_before_a_function_slept_is_not_its_callers_answer() -> None:
    async def test() -> None:
        async with standing(failed_seconds=0.3) as stand:
            failed = entry(replicas=1, state="failed", reason=CRASHED)
            stand.provider.put(failed, replace(failed, reason=f"{CRASHED} (9 times)"), entry())
            await until(lambda: stand.routes.find(KEY) == entry(), "it sleeps")
            stand.provider.wake = lambda _: stand.provider.put(failed, ready(FIRST))
            assert (await stand.call()).status == 200

    run(test())
