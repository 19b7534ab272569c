"""A program with the `Router` that starts anew, and a HAProxy that goes on meanwhile."""

from dataclasses import replace

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
