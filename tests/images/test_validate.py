"""What Packer and packer/build.sh accept, and what they say of what they do not."""

import re
import subprocess

import pytest

from tests.images.packer import BUILT, SOURCES, TOP, Place, make_place
from tests.images.table import PAGE, read_variables, with_table

BAD = [
    ("qemu", "name", "No", "The name must be 3 to 41"),
    ("qemu", "stack", "stack.txt", "The stack must be"),
    ("qemu", "archives", "", "The archives are empty"),
    ("qemu", "output", "", "The output is empty"),
    ("qemu", "qemu_base", "", "The qemu_base is empty"),
    ("qemu", "qemu_base_checksum", "none", "nothing is built from an unknown disk"),
    ("qemu", "qemu_format", "vmdk", "The qemu_format must be"),
    ("qemu", "qemu_size", "0G", "The qemu_size must be"),
    ("qemu", "qemu_size", "6 GB", "The qemu_size must be"),
    ("qemu", "qemu_accelerator", "fast", "The qemu_accelerator must be"),
    ("amazon-ebs", "aws_region", "Frankfurt", "The aws_region must be"),
    ("amazon-ebs", "aws_architecture", "armhf", "The aws_architecture must be"),
    ("amazon-ebs", "aws_instance_type", "t3", "The aws_instance_type must be"),
    ("amazon-ebs", "aws_subnet_id", "subnet-x", "The aws_subnet_id must be"),
    ("amazon-ebs", "aws_encrypt", "perhaps", "aws_encrypt"),
    ("amazon-ebs", "aws_endpoint", "localhost:5000", "The aws_endpoint must be"),
    ("digitalocean", "do_region", "Frankfurt", "The do_region must be"),
    ("digitalocean", "do_size", "", "The do_size must be"),
    ("digitalocean", "do_token", "", "api_token"),
]
TEXT = re.compile(r"\S.*\.", re.DOTALL)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make_place(tmp_path_factory.mktemp("place"))


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_valid_with_its_defaults(place: Place, source: str) -> None:
    ran = place.check(source)
    assert ran.status == 0, ran.said


@pytest.mark.parametrize(("source", "name", "value", "sentence"), BAD)
def test_a_bad_value_is_refused_by_a_sentence_that_names_it(
    place: Place, source: str, name: str, value: str, sentence: str
) -> None:
    ran = place.check(source, **{name: value})
    assert ran.status == 1
    assert sentence in ran.said


def test_a_function_folder_that_is_not_there_is_refused(place: Place) -> None:
    ran = place.check("qemu", archives="absent")
    assert ran.status == 1
    assert "absent" in ran.said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "name a source: qemu, amazon-ebs or digitalocean"),
        (["qemu"], "name the folder that distro/offline/make.sh made"),
        (["qemu", "-var", "release=/"], "/ is no folder made by distro/offline/make.sh"),
        (["qemu", "-var", f"release={BUILT}/release", "-var", "output=packer"], "is there already"),
    ],
)
def test_what_is_missing_is_said_before_packer_runs(
    place: Place, arguments: list[str], sentence: str
) -> None:
    ran = place.build(*arguments)
    assert ran.status == 1
    assert ran.said.startswith("build.sh: ")
    assert sentence in ran.said


def test_every_variable_has_a_type_and_a_sentence() -> None:
    variables = read_variables()
    assert len(variables) >= 20
    for name, body in variables.items():
        assert body["type"].strip("${}") in {"string", "bool"}, name
        assert TEXT.fullmatch(body["description"]), name


@pytest.mark.parametrize("folder", ["packer", "packer/plugins"])
def test_the_files_are_formatted(folder: str) -> None:
    ran = subprocess.run(
        ["packer", "fmt", "-check", str(TOP / folder)], capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stdout


def test_plugins_are_asked_for_where_only_new_packers_read() -> None:
    asking = [path for path in (TOP / "packer").rglob("*.hcl") if "packer {" in path.read_text()]
    assert asking == [TOP / "packer/plugins/plugins.pkr.hcl"]


def test_the_page_names_every_variable_with_its_default() -> None:
    assert with_table(PAGE.read_text()) == PAGE.read_text(), "python -m tests.images.table"
