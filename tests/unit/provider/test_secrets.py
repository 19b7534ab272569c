"""Secrets go in, never out."""

import base64
import stat
from pathlib import Path

import pytest

from tests.unit.provider.running import NAMESPACE, RunningProvider, json_of

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
