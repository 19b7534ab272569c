"""Who gets in, and who has to wait."""

import pytest

from tests.unit.gateway.running import WRONG, RunningGateway
from tests.unit.gateway.twins import ScriptedProvider


@pytest.mark.parametrize("path", ["/system/info", "/system/alert", "/system/functions", "/ui/"])
@pytest.mark.parametrize("header", ["", WRONG, "Bearer x"])
def test_without_the_login_nothing_passes(
    gateway: RunningGateway, provider: ScriptedProvider, path: str, header: str
) -> None:
    answer = gateway.get(path, Authorization=header)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="Restricted"')
    assert provider.asked == []


def test_an_address_that_guessed_wrong_too_often_waits_even_with_the_right_one(
    gateway: RunningGateway,
) -> None:
    for _ in range(3):
        assert gateway.get("/system/info", Authorization=WRONG).status == 401
    answer = gateway.get("/system/info")
    assert (answer.status, answer.headers["Retry-After"]) == (429, "60")
    gateway.now += 60
    assert gateway.get("/system/info").status == 200


def test_another_address_is_not_concerned(gateway: RunningGateway) -> None:
    for number in range(4):
        forged = f"10.0.0.{number}, 192.0.2.1"
        gateway.get("/system/info", Authorization=WRONG, X_Forwarded_For=forged)
    assert gateway.get("/system/info", X_Forwarded_For="192.0.2.1").status == 429
    assert gateway.get("/system/info", X_Forwarded_For="192.0.2.1, 192.0.2.2").status == 200


def test_asking_without_a_login_is_no_guess(gateway: RunningGateway) -> None:
    for _ in range(5):
        assert gateway.get("/system/info", Authorization="").status == 401
    assert gateway.get("/system/info").status == 200


def test_the_right_login_ends_the_count(gateway: RunningGateway) -> None:
    for _ in range(3):
        gateway.get("/system/info", Authorization=WRONG)
        gateway.now += 31
        assert gateway.get("/system/info").status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_a_page_of_another_site_changes_nothing(
    gateway: RunningGateway, provider: ScriptedProvider, headers: dict[str, str]
) -> None:
    assert gateway.send("POST", "/system/functions", b"{}", **headers).status == 403
    assert provider.asked == []


def test_the_nodes_own_page_may_ask(gateway: RunningGateway) -> None:
    origin = f"http://127.0.0.1:{gateway.settings.control_port}"
    headers = {"Sec_Fetch_Site": "same-origin", "Origin": origin}
    assert gateway.send("PUT", "/system/x", b"{}", **headers).status == 200


def test_a_node_without_a_login_asks_for_none(provider: ScriptedProvider) -> None:
    running = RunningGateway(provider.url, login=None)
    running.start()
    try:
        assert running.get("/system/info", Authorization="").status == 200
    finally:
        running.close()
