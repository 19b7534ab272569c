"""What `faasd cloud` asks and does, with a configuration that makes nothing anywhere."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from faasd.cli.main import faasd
from faasd.cloud.directory import Directory, get_directory, list_nodes, new_directory
from faasd.cloud.node import bring_up, describe_login, find_reach

CONFIGURATION = """
resource "terraform_data" "node" {}

output "gateway_url" {
  value = "http://192.0.2.1:8080"
}

output "login_cmd" {
  value = "faas-cli login --gateway http://192.0.2.1:8080 --password-stdin"
}

output "ssh_cmd" {
  value = "ssh admin@192.0.2.1"
}
"""


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Directory:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("CHECKPOINT_DISABLE", "1")
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    made = new_directory("edge", "aws")
    made.root.mkdir(parents=True)
    (made.path / "cloud").write_text("aws")
    (made.root / "main.tf").write_text(CONFIGURATION)
    return made


def never() -> bool:
    raise AssertionError("it asked, with nothing to do")


def ignore(_said: str) -> None:
    pass


@pytest.mark.usefixtures("capfd")
def test_what_is_not_confirmed_is_not_done(directory: Directory) -> None:
    assert not bring_up(directory, lambda: False, ignore)
    assert find_reach(directory) is None
    assert not (directory.root / "terraform.tfstate").exists()


@pytest.mark.usefixtures("capfd")
def test_what_is_confirmed_is_done_and_then_there_is_nothing_to_ask(directory: Directory) -> None:
    assert bring_up(directory, lambda: True, ignore)
    said: list[str] = []
    assert bring_up(directory, never, said.append)
    assert said[-1] == "node edge is as its settings say"


@pytest.mark.usefixtures("capfd")
def test_a_closed_gateway_is_logged_in_to_through_its_tunnel(directory: Directory) -> None:
    bring_up(directory, lambda: True, ignore)
    reach = find_reach(directory)
    assert reach is not None
    said = describe_login(directory, reach)
    assert "The gateway is not open to the network" in said
    assert "faas-cli login --gateway http://127.0.0.1:8080 --password-stdin" in said


@pytest.mark.usefixtures("capfd")
def test_destroy_asks_and_does_nothing_without_a_yes(directory: Directory) -> None:
    bring_up(directory, lambda: True, ignore)
    result = CliRunner().invoke(faasd, ["cloud", "destroy", "--name", "edge"], input="n\n")
    assert "nothing was destroyed" in result.output
    state = json.loads((directory.root / "terraform.tfstate").read_text())
    assert len(state["resources"]) == 1
    assert get_directory("edge") == directory


@pytest.mark.usefixtures("directory")
def test_status_of_a_node_that_was_never_applied_ends_with_1() -> None:
    CliRunner().invoke(faasd, ["cloud", "list"])
    result = CliRunner().invoke(faasd, ["cloud", "status", "--name", "edge"])
    assert result.exit_code == 1
    assert "node     edge at aws: nothing was applied" in result.output
    assert list_nodes() == ["edge"]
