"""A program with the `Router` that starts anew, and a HAProxy that goes on meanwhile."""

import socket
from dataclasses import replace

from faasd.router.loading import FIRST_PAUSE
from faasd.router.routes import Router
from faasd.router.settings import Limits
from tests.node.router.origin import Origin
from tests.node.router.running import HELLO, RunningRouter


def test_other_settings_of_a_program_that_starts_anew_are_loaded(
    router: RunningRouter, hello: Origin
) -> None:
    router.apply(hello.endpoint)
    worker = router.router.find_worker()
    patient = replace(router.settings, limits=Limits(service_seconds=1))

    Router(patient).apply({HELLO: [hello.endpoint]})

    assert router.router.find_worker() != worker
    assert "timeout server 1s" in router.settings.config_file.read_text()
    assert router.get().status == 200


def test_a_program_that_starts_anew_with_the_same_settings_reloads_nothing(
    router: RunningRouter, hello: Origin
) -> None:
    router.apply(hello.endpoint)
    worker = router.router.find_worker()

    Router(router.settings).apply({HELLO: [hello.endpoint]})

    assert router.router.find_worker() == worker


def test_settings_that_could_not_be_loaded_are_tried_again_while_routes_go_on(
    router: RunningRouter, hello: Origin, second: Origin
) -> None:
    router.apply(hello.endpoint)
    worker, now = router.router.find_worker(), [0.0]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        moved = Router(replace(router.settings, metrics_binds=(bind,)), clock=lambda: now[0])
        moved.apply({HELLO: [second.endpoint]})
        assert router.get().body.startswith(b"second")
        assert router.router.find_worker() == worker
    moved = Router(replace(router.settings, metrics_binds=(bind,)), clock=lambda: now[0])
    moved.apply({HELLO: [hello.endpoint]})
    assert router.router.find_worker() != worker, "known also by a program that starts anew"


def test_settings_that_could_not_be_loaded_are_loaded_once_they_can_be(
    router: RunningRouter, hello: Origin
) -> None:
    router.apply(hello.endpoint)
    worker, now = router.router.find_worker(), [0.0]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        moved = Router(replace(router.settings, metrics_binds=(bind,)), clock=lambda: now[0])
        moved.apply({HELLO: [hello.endpoint]})
    moved.apply({HELLO: [hello.endpoint]})
    assert router.router.find_worker() == worker, "not at every turn"

    now[0] += FIRST_PAUSE
    moved.apply({HELLO: [hello.endpoint]})

    assert router.router.find_worker() != worker
    assert router.get().status == 200
