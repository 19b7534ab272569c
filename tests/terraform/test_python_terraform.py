"""Each call of python-terraform that is used, against Terraform itself; and what does not work."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from python_terraform import IsFlagged, Terraform

from faasd.base.errors import Unavailable
from faasd.cloud.terraform import PLAN
from faasd.cloud.terraform import Terraform as Ours
from tests.terraform.place import TOP

ROOT = """
variable "word" {
  type    = string
  default = "first"
}

resource "terraform_data" "word" {
  input = var.word
}

output "word" {
  value = terraform_data.word.output
}

output "secret" {
  value     = sensitive("s3cret")
  sensitive = true
}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHECKPOINT_DISABLE", "1")
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    (tmp_path / "main.tf").write_text(ROOT)
    return tmp_path


@pytest.fixture
def real_output(capfd: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    """Standard output with a file behind it: Terraform writes there by itself."""
    return capfd


def apply_word(root: Path, word: str) -> None:
    (root / "terraform.tfvars.json").write_text(json.dumps({"word": word}))
    terraform = Ours(root)
    terraform.init()
    assert terraform.plan()
    terraform.apply()


def test_plan_tells_whether_there_is_anything_to_do(
    root: Path, real_output: pytest.CaptureFixture[str]
) -> None:
    apply_word(root, "hello")
    assert not Ours(root).plan()
    assert "Plan: 1 to add" in real_output.readouterr().out


def test_apply_does_what_was_planned_and_asks_nothing(
    root: Path, real_output: pytest.CaptureFixture[str]
) -> None:
    apply_word(root, "hello")
    assert "Apply complete! Resources: 1 added" in real_output.readouterr().out


def test_outputs_know_what_is_secret(root: Path, real_output: pytest.CaptureFixture[str]) -> None:
    apply_word(root, "hello")
    outputs = Ours(root).outputs()
    assert outputs["word"].value == "hello"
    assert [name for name, one in outputs.items() if one.sensitive] == ["secret"]
    assert "s3cret" not in real_output.readouterr().out


def test_outputs_are_none_before_anything_is_applied(root: Path) -> None:
    terraform = Ours(root)
    terraform.init()
    assert terraform.outputs() == {}


def test_destroy_leaves_nothing_and_asks_nothing(
    root: Path, real_output: pytest.CaptureFixture[str]
) -> None:
    apply_word(root, "hello")
    Ours(root).destroy()
    assert json.loads((root / "terraform.tfstate").read_text())["resources"] == []
    assert "Destroy complete! Resources: 1 destroyed" in real_output.readouterr().out


def test_a_plan_that_cannot_be_made_is_an_error(
    root: Path, real_output: pytest.CaptureFixture[str]
) -> None:
    terraform = Ours(root)
    terraform.init()
    (root / "terraform.tfvars.json").write_text(json.dumps({"word": []}))
    with pytest.raises(Unavailable, match="could not plan"):
        terraform.plan()
    assert "string required" in real_output.readouterr().err


def test_a_plan_that_is_gone_is_an_error(
    root: Path, real_output: pytest.CaptureFixture[str]
) -> None:
    terraform = Ours(root)
    terraform.init()
    with pytest.raises(Unavailable, match="could not finish"):
        terraform.apply()
    assert PLAN in real_output.readouterr().err


def test_init_that_fails_says_why(root: Path) -> None:
    (root / "main.tf").write_text("nonsense")
    with pytest.raises(Unavailable, match="terraform init failed"):
        Ours(root).init()


def test_no_variables_of_ours_lie_in_temporary_files(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library's own way writes each variable, passwords too, to a file in /tmp."""
    spare = tmp_path / "temporary"
    spare.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spare))
    Ours(root).init()
    assert list(spare.iterdir()) == []


def test_without_the_extra_a_sentence_says_what_to_install(root: Path) -> None:
    code = (
        "import sys; sys.modules['python_terraform'] = None\n"
        "from pathlib import Path\nfrom faasd.cloud.terraform import Terraform\n"
        f"Terraform(Path({str(root)!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": f"{TOP}/distro", "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "pip install 'faasd[cloud]'" in done.stderr


class TestWhatTheLibraryCannotDo:
    """Why the thin module uses `cmd`, and none of the methods `apply`, `destroy`, `output NAME`."""

    def test_destroy_gives_a_flag_that_terraform_has_no_more(self, root: Path) -> None:
        wrapped = Terraform(working_dir=str(root))
        assert wrapped.cmd("init")[0] == 0
        with pytest.warns(DeprecationWarning, match="'warn' method"):
            status, _, said = wrapped.destroy()
        assert status == 1
        assert "-force" in said

    def test_variables_given_with_a_saved_plan_are_ignored(self, root: Path) -> None:
        wrapped = Terraform(working_dir=str(root), variables={"word": "other"})
        assert wrapped.cmd("init")[0] == 0
        assert wrapped.cmd("plan", out=PLAN)[0] == 0
        status, said, _ = wrapped.apply(PLAN)
        assert status == 0
        assert 'word = "first"' in said

    def test_an_output_cannot_be_read_by_its_name(
        self, root: Path, real_output: pytest.CaptureFixture[str]
    ) -> None:
        apply_word(root, "hello")
        real_output.readouterr()
        with pytest.raises(TypeError):
            Terraform(working_dir=str(root)).output("word")

    def test_a_flag_is_a_class_of_its_own(self, root: Path) -> None:
        words = Terraform(working_dir=str(root)).generate_cmd_string("apply", no_color=IsFlagged)
        assert words == ["terraform", "apply", "-no-color"]
