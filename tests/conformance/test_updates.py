"""Updates: PUT of what is there, POST in place of it."""

import threading

from tests.conformance.client import Unanswered
from tests.conformance.scene import DONE, Function, Scene


def test_an_update_of_what_is_not_there_is_404(scene: Scene) -> None:
    function = scene.unknown("missing")

    function.update(image=scene.settings.images["serve"]).expect(404)

    function.describe().expect(404)


def test_an_update_changes_the_environment(scene: Scene) -> None:
    function = scene.function("env", envVars={"COLOUR": "blue", "SHAPE": "round"})

    update(function, image=scene.settings.images["serve"], envVars={"COLOUR": "green"})

    function.wait(lambda: seen(function).get("COLOUR") == "green", "the new environment")
    assert "SHAPE" not in seen(function)
    assert function.status()["envVars"] == {"COLOUR": "green"}


def test_an_update_changes_the_image(scene: Scene) -> None:
    function = scene.function("image")

    update(function, image=scene.settings.images["serve2"])

    function.wait(lambda: seen(function)["VERSION"] == "2", "the new image")
    assert function.status()["image"] == scene.settings.images["serve2"]


def test_an_update_replaces_labels_and_annotations(scene: Scene) -> None:
    function = scene.function("labels", labels={"a": "1"}, annotations={"b": "2"})

    update(function, image=scene.settings.images["serve"], labels={"c": "3"})

    status = function.status()
    assert "a" not in status["labels"]
    assert status["labels"]["c"] == "3"
    assert "b" not in (status["annotations"] or {})


def test_posting_what_is_there_replaces_it(scene: Scene) -> None:
    function = scene.function("posted", envVars={"COLOUR": "blue"})

    function.deploy(image=scene.settings.images["serve"], envVars={"COLOUR": "red"}).expect(*DONE)

    function.wait(lambda: seen(function)["COLOUR"] == "red", "the new environment")
    assert list(scene.functions()).count(function.name) == 1


def test_no_call_fails_while_it_is_updated(scene: Scene) -> None:
    function = scene.function("busy", envVars={"COLOUR": "blue"})
    stop, failures = threading.Event(), list[str]()
    caller = threading.Thread(target=call_until, args=(function, stop, failures))
    caller.start()
    try:
        update(function, image=scene.settings.images["serve"], envVars={"COLOUR": "green"})
        function.wait(lambda: seen(function)["COLOUR"] == "green", "the new environment")
    finally:
        stop.set()
        caller.join()

    assert failures == []


def update(function: Function, **fields: object) -> None:
    function.update(**fields).expect(*DONE)


def seen(function: Function) -> dict[str, str]:
    """Return the environment that the function has."""
    env: dict[str, str] = function.seen()["env"]
    return env


def call_until(function: Function, stop: threading.Event, failures: list[str]) -> None:
    """Call it one time after another, and keep what failed."""
    while not stop.is_set():
        try:
            answer = function.call()
        except Unanswered as error:
            failures.append(str(error))
            continue
        if answer.status != 200:
            failures.append(str(answer))
