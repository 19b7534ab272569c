"""What a laptop knows of its nodes."""

import json
from pathlib import Path

import pytest

from faasd.base.errors import InvalidInput, NotFound
from faasd.cloud.directory import Directory, get_directory, list_nodes, new_directory


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def made(name: str = "edge", cloud: str = "aws") -> Directory:
    directory = new_directory(name, cloud)
    directory.prepare({"release_url": "https://example.com/a.deb"}, "eu-central-1")
    return directory


def test_a_node_gets_a_copy_of_terraform_and_its_settings(home: Path) -> None:
    directory = made()
    assert directory.root == home / "faasd" / "cloud" / "edge" / "terraform" / "aws"
    assert (directory.root / "main.tf").is_file()
    assert (directory.path / "cloud-init" / "cloud-config.tftpl").is_file()
    assert directory.settings() == {"release_url": "https://example.com/a.deb", "name": "edge"}


def test_settings_of_last_time_stay_and_new_ones_win() -> None:
    made().prepare({"domain": "faasd.example.com", "release_url": "https://example.com/b.deb"}, "")
    assert new_directory("edge", "aws").settings() == {
        "release_url": "https://example.com/b.deb",
        "name": "edge",
        "domain": "faasd.example.com",
    }


def test_the_region_of_last_time_stays() -> None:
    made().prepare({}, "")
    text = (new_directory("edge", "aws").root / "faasd_provider.tf").read_text()
    assert 'region = "eu-central-1"' in text
    assert new_directory("edge", "aws").region() == "eu-central-1"


def test_terraforms_state_outlives_a_new_copy() -> None:
    directory = made()
    (directory.root / "terraform.tfstate").write_text("{}")
    directory.prepare({}, "")
    assert (directory.root / "terraform.tfstate").read_text() == "{}"


def test_nobody_else_may_look_into_it() -> None:
    directory = made()
    assert directory.path.stat().st_mode & 0o077 == 0
    assert (directory.root / "faasd.auto.tfvars.json").stat().st_mode & 0o077 == 0


def test_settings_are_what_terraform_reads() -> None:
    text = (made().root / "faasd.auto.tfvars.json").read_text()
    assert json.loads(text)["name"] == "edge"


def test_a_node_that_was_never_made_is_not_found_and_the_others_are_named() -> None:
    made("blue")
    with pytest.raises(NotFound, match=r"no node green .* there are: blue"):
        get_directory("green")


def test_one_name_is_one_node_at_one_cloud() -> None:
    made()
    with pytest.raises(InvalidInput, match="edge is at aws: take another --name"):
        new_directory("edge", "digitalocean")


def test_all_nodes_are_listed_until_they_are_removed() -> None:
    made("blue")
    made("green", "digitalocean").remove()
    assert list_nodes() == ["blue"]


@pytest.mark.parametrize("name", ["", "../x", "A", "1a", "a" * 41, "a-"])
def test_a_name_that_could_leave_the_directory_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="is no name of a node"):
        new_directory(name, "aws")


def test_a_region_that_could_be_code_is_refused() -> None:
    with pytest.raises(InvalidInput, match="is no region of AWS"):
        new_directory("edge", "aws").prepare({}, 'x" }\n')
