"""What `faasd cloud` says before it does anything."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner

from faasd.base.errors import InvalidInput, TimedOut
from faasd.cli.main import faasd
from faasd.cloud.aws import judge_addresses
from faasd.cloud.digitalocean import check_digitalocean, judge_droplets
from faasd.cloud.findings import Finding, find_problem
from faasd.cloud.gateway import is_answering, wait_for_gateway
from faasd.cloud.node import Reach, decide_reach, describe_state
from faasd.cloud.program import judge_version
from faasd.cloud.settings import parse_settings, read_keys
from faasd.cloud.terraform import Output


class Api(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        good = self.headers.get("Authorization") == "Bearer good"
        answers = {
            "/healthz": (200, {}),
            "/v2/account": (200, {"account": {"status": "active", "droplet_limit": 3}}),
            "/v2/droplets?per_page=1": (200, {"meta": {"total": 3}}),
        }
        status, body = answers.get(self.path, (404, {}))
        if self.path.startswith("/v2") and not good:
            status, body = 401, {}
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("DIGITALOCEAN_API_URL", url)
        yield url
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("DIGITALOCEAN_TOKEN", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(faasd, ["cloud", *words])
    return result.exit_code, f"{result.output} {result.exception or ''}"


def test_without_credentials_doctor_says_where_they_go() -> None:
    status, said = run("doctor", "aws", "--region", "eu-central-1")
    assert status == 1
    assert "there are no AWS credentials here" in said
    assert "set AWS_PROFILE" in said


def test_without_a_region_doctor_asks_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    status, said = run("doctor", "aws")
    assert status == 1
    assert "give --region" in said


def test_an_unknown_profile_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert "nobody" in run("doctor", "aws", "--region", "eu-central-1")[1]


def test_up_does_nothing_while_something_is_missing(tmp_path: Path) -> None:
    status, said = run("up", "aws", "--region", "eu-central-1")
    assert status == 1
    assert "credentials: there are no AWS credentials here. set AWS_PROFILE" in said
    assert not (tmp_path / "faasd").exists()


def test_digitaloceans_token_is_asked_for() -> None:
    status, said = run("doctor", "digitalocean")
    assert status == 1
    assert "DIGITALOCEAN_TOKEN is not set" in said


@pytest.mark.usefixtures("api")
def test_a_wrong_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITALOCEAN_TOKEN", "bad")
    assert check_digitalocean()[0].state == "DigitalOcean refuses this token"


@pytest.mark.usefixtures("api")
def test_a_full_account_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITALOCEAN_TOKEN", "good")
    who, droplets = check_digitalocean()
    assert who == Finding(what="credentials", state="account active")
    assert droplets.state == "3 of 3 in use"
    assert droplets.advice


def test_an_api_that_is_away_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITALOCEAN_TOKEN", "good")
    monkeypatch.setenv("DIGITALOCEAN_API_URL", "http://127.0.0.1:1")
    assert "does not answer" in check_digitalocean()[0].state


def test_addresses_are_judged_by_their_limit() -> None:
    assert not judge_addresses(4, 5).advice
    assert judge_addresses(5, 5).advice
    assert not judge_addresses(9, None).advice


def test_droplets_are_judged_by_their_limit() -> None:
    assert not judge_droplets(2, 3).advice
    assert judge_droplets(3, 3).advice


@pytest.mark.parametrize("version", ["1.11.4", "1.5.0"])
def test_a_terraform_of_today_will_do(version: str) -> None:
    assert not judge_version(version).advice


@pytest.mark.parametrize("version", ["1.4.9", "0.12.31", "2.0.0", "nonsense"])
def test_another_terraform_will_not_do(version: str) -> None:
    assert judge_version(version).advice


def test_the_first_problem_is_found() -> None:
    fine, bad = Finding(what="a", state="x"), Finding(what="b", state="y", advice="z")
    assert find_problem([fine, bad]) == bad
    assert find_problem([fine]) is None


def test_settings_are_json_where_they_are_and_text_otherwise() -> None:
    words = ["name=edge", 'ssh_cidrs=["10.0.0.0/8"]', "enable_ssm=true", "domain="]
    assert parse_settings(words) == {
        "name": "edge",
        "ssh_cidrs": ["10.0.0.0/8"],
        "enable_ssm": True,
        "domain": "",
    }


@pytest.mark.parametrize("word", ["name", "=x", "a b=c"])
def test_a_setting_without_a_name_is_refused(word: str) -> None:
    with pytest.raises(InvalidInput, match="is not NAME=VALUE"):
        parse_settings([word])


def test_a_private_key_is_never_sent(tmp_path: Path) -> None:
    file = tmp_path / "id_ed25519"
    file.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    with pytest.raises(InvalidInput, match="is a private key: give its public half"):
        read_keys([file])


def test_a_gateway_that_answers_is_waited_for_no_longer(api: str) -> None:
    assert is_answering(api)
    assert wait_for_gateway(api, 5, print) < 5


def test_waiting_ends_with_where_to_look() -> None:
    with pytest.raises(TimedOut, match=r"/var/log/cloud-init-output\.log"):
        wait_for_gateway("http://127.0.0.1:1", 0, print, lambda _: None)


def outputs(url: str) -> dict[str, Output]:
    values = {"gateway_url": url, "login_cmd": "login", "ssh_cmd": "ssh"}
    return {name: Output(value=value, sensitive=False) for name, value in values.items()}


def test_a_closed_gateway_is_not_waited_for() -> None:
    reach = decide_reach(outputs("http://192.0.2.1:8080"), {})
    assert not reach.is_open
    assert describe_state(reach) == ("made; its gateway is reached by ssh", True)


def test_a_gateway_is_open_with_a_domain_or_where_networks_are_let_in() -> None:
    assert decide_reach(outputs("https://faasd.example.com"), {}).is_open
    networks = {"gateway_cidrs": ["203.0.113.0/24"]}
    assert decide_reach(outputs("http://192.0.2.1:8080"), networks).is_open


def test_state_tells_nothing_applied_from_not_answering() -> None:
    away = Reach(gateway_url="http://127.0.0.1:1", login_cmd="", ssh_cmd="", is_open=True)
    assert describe_state(None) == ("nothing was applied", False)
    assert describe_state(away) == ("http://127.0.0.1:1 does not answer", False)
