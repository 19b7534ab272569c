"""The provider's own figures."""

import re

import pytest

from tests.unit.provider.running import RunningProvider, eventually


def figures(provider: RunningProvider) -> dict[str, float]:
    answer = provider.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def requests(provider: RunningProvider, method: str, path: str, code: int) -> float:
    name = f'http_requests_total{{code="{code}",method="{method}",path="{path}"}}'
    found = figures(provider)
    assert all(re.fullmatch(r"[a-z_]+(\{.*\})?", name) for name in found)
    return found.get(name, 0)


def test_they_are_open_to_a_prometheus_without_the_login(provider: RunningProvider) -> None:
    del provider.client.environ_base["HTTP_AUTHORIZATION"]

    assert figures(provider)["faasd_containerd_up"] == 1


@pytest.mark.parametrize(
    ("method", "path", "route", "code"),
    [
        ("GET", "/system/functions", "/system/functions", 200),
        ("GET", "/system/function/ghost", "/system/function/{name}", 404),
        ("GET", "/system/namespace/", "/system/namespace", 405),
        ("POST", "/system/functions", "/system/functions", 400),
        ("GET", "/function/ghost/a/b", "/function/{name}", 404),
        ("GET", "/nothing/at/all", "none", 404),
        ("SECRETS", "/system/functions", "none", 405),
    ],
)
def test_a_request_is_counted_by_its_route_and_status(
    provider: RunningProvider, method: str, path: str, route: str, code: int
) -> None:
    for _ in range(3):
        assert provider.client.open(path, method=method).status_code == code

    counted = "OTHER" if method == "SECRETS" else method
    route = "none" if code == 405 else route
    assert requests(provider, counted, route, code) == 3
    assert figures(provider)[
        f'http_request_duration_seconds_count{{method="{counted}",path="{route}"}}'
    ] == pytest.approx(3)


def test_a_request_without_the_login_is_counted(provider: RunningProvider) -> None:
    provider.client.get("/system/functions", headers={"Authorization": "Basic !"})

    assert requests(provider, "GET", "/system/functions", 401) == 1


def test_functions_are_counted_by_state_and_replicas(provider: RunningProvider) -> None:
    provider.deploy_ready("one", labels={"com.openfaas.scale.min": "2"})
    provider.deploy_ready("two")
    provider.scale("two", 0)
    assert eventually(lambda: provider.state("two") == "asleep")

    found = figures(provider)

    assert found['faasd_functions{state="ready"}'] == 1
    assert found['faasd_functions{state="asleep"}'] == 1
    assert found['faasd_functions{state="failed"}'] == 0
    assert found['faasd_function_replicas{function_name="one.openfaas-fn"}'] == 2
    assert found['faasd_function_replicas_available{function_name="one.openfaas-fn"}'] == 2
    assert found['faasd_function_replicas{function_name="two.openfaas-fn"}'] == 0


def test_a_containerd_that_is_away_is_told_and_the_rest_is_there(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready()
    provider.world.go_down()

    found = figures(provider)

    assert found["faasd_containerd_up"] == 0
    assert sum(value for name, value in found.items() if "faasd_functions{" in name) == 1
    assert found["process_resident_memory_bytes"] > 0


def test_followed_logs_are_counted(provider: RunningProvider) -> None:
    provider.deploy_ready()
    answer = provider.client.get("/system/logs?name=echo&follow=true", buffered=False)

    assert figures(provider)["faasd_followers"] == 1
    answer.close()
    assert figures(provider)["faasd_followers"] == 0
