"""Secrets go in, never out."""

import base64
import stat
from pathlib import Path

import pytest

from provider_app.api.secrets import MAX_VALUE
from tests.unit.provider.running import NAMESPACE, RunningProvider, eventually, json_of

PATH = "/system/secrets"


def file_of(provider: RunningProvider, name: str) -> Path:
    return Path(provider.config.secrets_directory, NAMESPACE, name)


def test_a_secret_is_stored_for_root_alone_with_its_bytes_unchanged(
    provider: RunningProvider,
) -> None:
    value = b"\x00\xffline\n"
    raw = base64.b64encode(value).decode()

    answer = provider.client.post(PATH, json={"name": "key", "rawValue": raw})

    assert answer.status_code == 201
    assert file_of(provider, "key").read_bytes() == value
    assert stat.S_IMODE(file_of(provider, "key").stat().st_mode) == 0o600
    assert stat.S_IMODE(file_of(provider, "key").parent.stat().st_mode) == 0o700


def test_a_list_has_names_and_no_values(provider: RunningProvider) -> None:
    provider.client.post(PATH, json={"name": "key", "value": "hidden"})

    answer = provider.client.get(PATH)

    assert json_of(answer) == [{"name": "key", "namespace": NAMESPACE}]
    assert "hidden" not in answer.text


def test_a_second_secret_of_a_name_is_a_conflict_and_changes_nothing(
    provider: RunningProvider,
) -> None:
    provider.client.post(PATH, json={"name": "key", "value": "one"})

    answer = provider.client.post(PATH, json={"name": "key", "value": "two"})

    assert answer.status_code == 409
    assert file_of(provider, "key").read_text() == "one"


def test_a_secret_is_replaced_and_removed(provider: RunningProvider) -> None:
    provider.client.post(PATH, json={"name": "key", "value": "one"})

    assert provider.client.put(PATH, json={"name": "key", "value": "two"}).status_code == 202
    assert file_of(provider, "key").read_text() == "two"
    assert provider.client.delete(PATH, json={"name": "key"}).status_code == 202
    assert list(file_of(provider, "key").parent.iterdir()) == []


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_secret_that_is_not_there_is_not_found(provider: RunningProvider, method: str) -> None:
    answer = provider.client.open(PATH, method=method, json={"name": "key", "value": "x"})

    assert answer.status_code == 404
    assert "key" in answer.text


def test_a_secret_in_use_is_kept_and_its_users_are_named(provider: RunningProvider) -> None:
    provider.client.post(PATH, json={"name": "key", "value": "x"})
    provider.deploy_ready(secrets=["key"])

    answer = provider.client.delete(PATH, json={"name": "key"})

    assert answer.status_code == 409
    assert "echo" in answer.text


def test_a_secret_is_kept_until_an_update_that_uses_it_no_more_is_done(
    provider: RunningProvider,
) -> None:
    provider.client.post(PATH, json={"name": "key", "value": "x"})
    provider.deploy_ready(secrets=["key"])

    provider.update(image="silent")
    assert provider.client.delete(PATH, json={"name": "key"}).status_code == 409

    provider.update()
    assert eventually(lambda: list(provider.workloads()) == ["echo.3.0"])
    assert provider.client.delete(PATH, json={"name": "key"}).status_code == 202


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "a" * 64, 7, None, "a\u0000"])
def test_a_name_that_is_no_file_name_is_refused(provider: RunningProvider, name: object) -> None:
    answer = provider.client.post(PATH, json={"name": name, "value": "x"})

    assert answer.status_code == 400
    assert not Path(provider.config.secrets_directory).exists()


@pytest.mark.parametrize("value", [{"value": 7}, {}, {"rawValue": "no base64!"}, {"rawValue": 1}])
def test_a_value_that_is_none_is_refused(
    provider: RunningProvider, value: dict[str, object]
) -> None:
    assert provider.client.post(PATH, json={"name": "key", **value}).status_code == 400


def test_an_update_reaches_the_replicas_that_have_the_secret(provider: RunningProvider) -> None:
    for name in ("key", "other"):
        provider.client.post(PATH, json={"name": name, "value": "old"})
    provider.deploy_ready("one", secrets=["key", "other"])
    provider.deploy_ready("two", secrets=["key"])

    assert provider.client.put(PATH, json={"name": "key", "value": "new"}).status_code == 202

    assert provider.world.secrets == {
        (NAMESPACE, "one.1.0", "key"): b"new",
        (NAMESPACE, "one.1.0", "other"): b"old",
        (NAMESPACE, "two.2.0", "key"): b"new",
    }


def test_an_update_that_was_cut_short_is_finished_at_the_next_start(
    provider: RunningProvider,
) -> None:
    provider.client.post(PATH, json={"name": "key", "value": "old"})
    provider.deploy_ready(secrets=["key"])
    provider.stop()
    file_of(provider, "key").write_bytes(b"new")
    file_of(provider, ".0a1b").write_bytes(b"half")

    provider.start()

    assert provider.world.secrets == {(NAMESPACE, "echo.1.0", "key"): b"new"}
    assert not file_of(provider, ".0a1b").exists()


@pytest.mark.parametrize("size", [MAX_VALUE, MAX_VALUE + 1])
@pytest.mark.parametrize("field", ["value", "rawValue"])
def test_a_secret_has_a_largest_size(provider: RunningProvider, field: str, size: int) -> None:
    value = "x" * size
    sent = value if field == "value" else base64.b64encode(value.encode()).decode()

    answer = provider.client.post(PATH, json={"name": "key", field: sent})

    assert answer.status_code == (201 if size == MAX_VALUE else 413)
    assert file_of(provider, "key").exists() == (size == MAX_VALUE)
    assert answer.status_code == 201 or field in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "key", "value": "top-\\ud800-secret"}',
        b'{"name": "key", "rawValue": "top-secret"}',
        b'{"name": "key", "value": "top-secret", "value": "top-secret"}',
        b'{"name": "key", "value": "top-secret" \xff}',
    ],
)
def test_a_refusal_shows_nothing_of_the_value_nor_does_the_log(
    provider: RunningProvider, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)

    answer = provider.client.post(PATH, data=body)

    assert answer.status_code == 400
    assert "top-" not in answer.text + caplog.text


def test_a_secret_of_a_namespace_that_is_not_there_is_not_stored(
    provider: RunningProvider,
) -> None:
    answer = provider.client.post(PATH, json={"name": "key", "value": "x", "namespace": "ghost"})

    assert answer.status_code == 404
    assert "ghost" in answer.text
    assert not Path(provider.config.secrets_directory).exists()
