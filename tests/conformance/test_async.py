"""Calls that are accepted now and made later (with CONFORMANCE_ASYNC=1)."""

import uuid

import pytest

from tests.conformance.client import Answer
from tests.conformance.scene import Function, Scene
from tests.conformance.settings import Settings


@pytest.fixture
def keeper(scene: Scene) -> Function:
    """A function that keeps what was posted to it last, with its headers."""
    return scene.function("keeper", "watchdog", envProcess="keep")


def call_later(function: Function, path: str = "", body: bytes = b"", **headers: str) -> Answer:
    """Call asynchronously; ``x_callback_url`` of `headers` is ``X-Callback-Url``."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return function.caller.call("POST", f"/async-function/{function.name}{path}", body, sent)


def kept(function: Function) -> str:
    """Return what a keeper kept; empty where it kept nothing yet."""
    answer = function.call()
    return answer.text if answer.status == 200 else ""


def test_a_call_is_accepted_with_its_id_and_made(keeper: Function) -> None:
    answer = call_later(keeper, "/a/b?c=d", b"for later").expect(202)

    keeper.wait(lambda: "for later" in kept(keeper), "the call to be made")

    lines = kept(keeper).splitlines()
    assert f"Http_X_Call_Id={answer.headers['x-call-id']}" in lines
    assert {"Http_Method=POST", "Http_Path=/a/b", "Http_Query=c=d"} <= set(lines)


def test_a_caller_s_id_is_kept(keeper: Function) -> None:
    mine = str(uuid.uuid4())

    answer = call_later(keeper, body=b"x", x_call_id=mine).expect(202)

    assert answer.headers["x-call-id"] == mine
    keeper.wait(lambda: f"Http_X_Call_Id={mine}" in kept(keeper), "the call to be made")


@pytest.mark.parametrize("status", [200, 418])
def test_the_result_is_posted_to_the_callback(
    scene: Scene, settings: Settings, keeper: Function, status: int
) -> None:
    worker = scene.function("worker")
    callback = f"{settings.inner_url}/function/{keeper.name}"

    answer = call_later(
        worker, body=b"do it", x_callback_url=callback, x_want_status=str(status)
    ).expect(202)

    keeper.wait(lambda: "do it" in kept(keeper), "the callback")
    lines = kept(keeper).splitlines()
    assert f"Http_X_Call_Id={answer.headers['x-call-id']}" in lines
    assert f"Http_X_Function_Status={status}" in lines
    assert any(line.startswith(f"Http_X_Function_Name={worker.name}") for line in lines)
    assert any(line.startswith("Http_X_Duration_Seconds=") for line in lines)


@pytest.mark.parametrize("url", ["no url", "ftp://example.com/", "http://", "/relative"])
def test_a_callback_that_is_no_url_is_refused(keeper: Function, url: str) -> None:
    call_later(keeper, body=b"x", x_callback_url=url).expect(400)


def test_what_is_asleep_is_woken_for_it(keeper: Function) -> None:
    keeper.scale(0).expect(200, 202)
    keeper.wait_replicas(0)

    call_later(keeper, body=b"wake up").expect(202)

    keeper.wait(lambda: "wake up" in kept(keeper), "the call to be made")


def test_a_function_that_is_not_there_is_404(scene: Scene) -> None:
    call_later(scene.unknown("missing"), body=b"x").expect(404)
