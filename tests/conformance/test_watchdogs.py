"""Images as functions are built into: with the classic watchdog, of-watchdog, a plain server."""

import threading

import pytest

from tests.conformance.scene import Function, Scene

KINDS = ("watchdog", "of-watchdog", "static", "serve")


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_of_each_kind_becomes_ready_and_answers(scene: Scene, kind: str) -> None:
    scene.function(kind, kind).call("POST", body=b"hello").expect(200)


class TestClassicWatchdog:
    """A process for each request."""

    def test_the_body_is_its_input_and_its_output_the_answer(self, scene: Scene) -> None:
        function = scene.function("classic", "watchdog")
        body = bytes(range(256)) * 64

        assert function.call("POST", body=body).expect(200).body == body

    def test_env_process_says_what_runs(self, scene: Scene) -> None:
        function = scene.function("classic", "watchdog", envProcess="wc -c")

        assert function.call("POST", body=b"12345").expect(200).text.strip() == "5"

    def test_the_environment_tells_of_the_request(self, scene: Scene) -> None:
        function = scene.function(
            "classic", "watchdog", envProcess="env", envVars={"COLOUR": "blue"}
        )

        answer = function.call(
            "PUT", "/a/b?c=d", b"xyz", {"X-Colour": "red", "X-Call-Id": "c0ffee"}
        )
        lines = answer.expect(200).text.splitlines()

        assert {
            "COLOUR=blue",
            "fprocess=env",
            "Http_Method=PUT",
            "Http_Path=/a/b",
            "Http_Query=c=d",
            "Http_ContentLength=3",
            "Http_X_Colour=red",
            "Http_X_Call_Id=c0ffee",
        } <= set(lines)

    def test_a_process_that_fails_is_500(self, scene: Scene) -> None:
        function = scene.function("classic", "watchdog", envProcess="false")

        function.call("POST", body=b"x").expect(500)

    def test_slow_calls_run_beside_one_another(self, scene: Scene) -> None:
        function = scene.function("classic", "watchdog", envProcess="sleep 1")
        statuses: list[int] = []
        callers = [
            threading.Thread(target=lambda: statuses.append(function.call("POST").status))
            for _ in range(3)
        ]

        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()

        assert statuses == [200] * 3


class TestOfWatchdog:
    """A server of its own behind the watchdog."""

    @pytest.fixture
    def function(self, scene: Scene) -> Function:
        return scene.function("of", "of-watchdog", envVars={"COLOUR": "blue"})

    def test_the_server_sees_the_whole_request(self, function: Function) -> None:
        seen = function.seen("PATCH", "/a/b?c=d", body=b"some", headers={"X-Colour": "red"})

        assert (seen["method"], seen["path"], seen["body"]) == ("PATCH", "/a/b?c=d", "some")
        assert seen["headers"]["x-colour"] == "red"
        assert seen["env"]["COLOUR"] == "blue"

    def test_the_server_s_status_and_redirect_are_passed(self, function: Function) -> None:
        there = {"X-Want-Status": "307", "X-Want-Location": "/there"}

        assert function.call(headers=there).expect(307).headers["location"] == "/there"
        function.call(headers={"X-Want-Status": "418"}).expect(418)


def test_a_plain_server_is_called_many_times_over(scene: Scene) -> None:
    function = scene.function("plain", "static")

    assert {function.call().expect(200).text for _ in range(30)} == {"ok\n"}
