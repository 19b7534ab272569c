"""HAProxy's configuration, and what HAProxy itself says to it."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from faasd.base.errors import InvalidInput
from faasd.router.config import render_config, render_map
from faasd.router.files import write_files
from faasd.router.layout import Layout
from faasd.router.pool import Shape
from faasd.router.settings import Limits, RouterSettings
from faasd.router.wanted import Endpoint, FunctionName

HERE = Endpoint(address="127.0.0.1", port=8081)
SETTINGS = RouterSettings(directory=Path("/run/router"))
HELLO = FunctionName(name="hello")
LAYOUT = Layout(
    shape=Shape(backends=2, slots=2), functions={HELLO: "f001"}, live={("f001", "r2"): HERE}
)


@pytest.mark.parametrize(
    "settings",
    [
        SETTINGS,
        replace(SETTINGS, binds=("127.0.0.1:8080", "10.62.0.1:8080"), metrics_binds=()),
        replace(SETTINGS, threads=2, expose_metrics=True, limits=Limits(body_bytes=1 << 20)),
    ],
)
def test_haproxy_takes_every_configuration(settings: RouterSettings, tmp_path: Path) -> None:
    settings = replace(settings, directory=tmp_path)
    write_files(settings, LAYOUT)
    checked = ["haproxy", "-c", "-q", "-f", str(settings.config_file)]
    environment = os.environ | {"ROUTER_BIND": "127.0.0.1:8080"}
    done = subprocess.run(checked, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, "ALERT" in done.stderr) == (0, False), done.stderr


def test_live_replicas_are_in_the_configuration_and_free_slots_are_disabled() -> None:
    text = render_config(SETTINGS, LAYOUT)
    assert "backend f001 from function  # hello.openfaas-fn\n" in text
    assert "  server r1 0.0.0.0:0 disabled\n  server r2 127.0.0.1:8081\n" in text
    assert text.count(" backup\n") == 2


def test_map_has_every_name_that_a_path_may_use() -> None:
    assert render_map(LAYOUT) == "hello f001\nhello.openfaas-fn f001\n"


def test_metrics_of_the_gateway_are_reachable_only_when_allowed() -> None:
    assert "path / /ui /healthz }" in render_config(SETTINGS, LAYOUT)
    assert "/healthz /metrics }" in render_config(replace(SETTINGS, expose_metrics=True), LAYOUT)


def test_front_door_is_where_the_environment_says() -> None:
    assert '  bind "${ROUTER_BIND}"\n' in render_config(SETTINGS, LAYOUT)


def test_gateway_activator_and_metrics_are_on_the_nodes_own_addresses() -> None:
    text = render_config(SETTINGS, LAYOUT)
    assert "  server gateway 10.62.0.1:8084\n" in text
    assert "  server activator 10.62.0.1:8085 " in text
    assert text.count("  server activator unix@") == 2
    assert "  bind 127.0.0.1:8405\n  bind 10.62.0.1:8405\n" in text


def test_files_that_are_as_they_shall_be_are_not_written(tmp_path: Path) -> None:
    settings = replace(SETTINGS, directory=tmp_path)
    write_files(settings, LAYOUT)
    before = settings.config_file.stat()
    write_files(settings, LAYOUT)
    assert settings.config_file.stat() == before


def test_files_are_replaced_at_once(tmp_path: Path) -> None:
    settings = replace(SETTINGS, directory=tmp_path)
    write_files(settings, LAYOUT)
    write_files(settings, replace(LAYOUT, functions={}))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["functions.map", "haproxy.cfg"]
    assert settings.map_file.read_text() == ""


def test_directory_too_long_for_a_socket_is_refused() -> None:
    with pytest.raises(InvalidInput, match="too long"):
        replace(SETTINGS, directory=Path("/" + "x" * 90))


def test_router_that_listens_nowhere_is_refused() -> None:
    with pytest.raises(InvalidInput, match="listen"):
        replace(SETTINGS, binds=())
