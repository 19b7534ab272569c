"""Headers of a callback, and places for calls."""

import asyncio

from faasd.queue.call import AsyncCall
from faasd.queue_worker.callback import Report, report_headers
from faasd.queue_worker.places import Places

CALL = AsyncCall(call_id="id-1", function="echo", namespace="openfaas-fn", called="echo")


def test_a_callback_has_the_answers_headers_and_openfaas_own() -> None:
    headers = (
        ("Content-Type", "text/plain"),
        ("Connection", "close"),
        ("Content-Length", "7"),
        ("Set-Cookie", "a=b"),
        ("X-Function-Status", "999"),
        ("x-call-id", "forged"),
        ("X-Own", "1"),
        ("X-Own", "2"),
    )

    found = report_headers(CALL, Report(status=418, seconds=0.25, headers=headers))

    assert list(found.items()) == [
        ("Content-Type", "text/plain"),
        ("X-Own", "1"),
        ("X-Own", "2"),
        ("X-Call-Id", "id-1"),
        ("X-Function-Name", "echo"),
        ("X-Function-Status", "418"),
        ("X-Duration-Seconds", "0.250000"),
    ]


def test_who_waits_for_a_place_is_woken_by_the_first_that_is_freed() -> None:
    async def wait() -> int:
        places = Places(2)
        places.take()
        places.take()
        waiting = asyncio.create_task(places.wait_free())
        await asyncio.sleep(0)
        assert not waiting.done()
        places.free()
        return await asyncio.wait_for(waiting, 5)

    assert asyncio.run(wait()) == 1
