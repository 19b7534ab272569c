from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import InvalidInput, NotFound
from faasd.supervisor.compose.file import parse_compose
from faasd.supervisor.compose.load import load_compose
from faasd.supervisor.compose.spec import LABEL_DIGEST, to_spec
from tests.unit.supervisor.files import FILE, image, service, services


def test_services_start_after_what_they_depend_on_and_else_in_the_files_order() -> None:
    text = """
services:
  c: {image: x, depends_on: [b, d]}
  a: {image: x}
  b: {image: x, depends_on: [d]}
  d: {image: x}
"""
    assert [one.name for one in services(text)] == ["d", "b", "c", "a"]


def test_a_circle_of_services_is_shown() -> None:
    text = "services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}"

    with pytest.raises(InvalidInput, match="a → b → a"):
        services(text)


def test_health_cannot_be_waited_for_without_a_check() -> None:
    text = """
services:
  a: {image: x, depends_on: {b: {condition: service_healthy}}}
  b: {image: x}
"""
    with pytest.raises(InvalidInput, match="service a: depends_on waits for b"):
        services(text)


def test_two_services_cannot_publish_one_port() -> None:
    text = """
services:
  a: {image: x, ports: ['127.0.0.1:80:1', '53:53']}
  b: {image: x, ports: ['127.0.0.2:80:1', '53:53/udp']}
  c: {image: x, ports: [80]}
"""
    with pytest.raises(InvalidInput, match=r"c: ports publish 0\.0\.0\.0:80/tcp, as service a"):
        services(text)


def test_version_name_and_extensions_are_let_be() -> None:
    text = """
version: "3.7"
name: faasd
x-limits: &limits {mem_limit: 1m, restart: no}
services:
  a: {<<: *limits, image: x, restart: always, x-note: mine}
"""
    (found,) = services(text)

    assert found.limits.memory == 2**20
    assert found.restart.value == "always"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("services: {a: {image: x}}\nvolumes: {}", "volumes is not a known key"),
        ("services:\n  a: {image: x\n", " line 3: is no valid YAML"),
        ("a: [b\nc: ]d", "is no valid YAML"),
        ("\x01", "is no valid YAML"),
        ("- a", "the file must be a mapping"),
        ("", "the file must be a mapping"),
        ("services: {}", "services must name one service"),
        ("services: [a]", "services must be a mapping"),
        ("services: {A_b: {image: x}}", "service name 'A_b'"),
        ("services: {a: {}}", "service a: image must be text"),
        ("services: {a: }", "service a: must be a mapping"),
        ("services: {[a]: {}}", "is no valid YAML"),
        ("services: &a {b: *a}", "nested deeper"),
        ("services: {a: {image: !!python/name:os.system }}", "is no valid YAML"),
    ],
)
def test_a_bad_file_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=f"(?s){FILE}.*{said}"):
        services(text)


@given(st.text(alphabet="ab:{}[]-&*!<\n\t \"'$#|>%@0", max_size=60))
def test_any_text_is_parsed_or_refused_with_the_files_name(text: str) -> None:
    said = FILE
    try:
        parse_compose(text, {}, FILE)
    except InvalidInput as error:
        said = str(error)

    assert said.startswith(FILE)


def test_env_files_are_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "a.env").write_text("# first\nexport A=1\nB='two words'\n\nC=#3\n")
    (tmp_path / "b.env").write_text("A=2\n")
    file = tmp_path / FILE
    file.write_text("services: {n: {image: x, env_file: [a.env, b.env], environment: {B: 3}}}")

    (found,) = load_compose(file, {})

    assert found.environment == {"A": "2", "B": "3", "C": "#3"}


def test_variables_come_from_dot_env_and_from_outside_first(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NAME=nats\nTAG=1\n")
    file = tmp_path / FILE
    file.write_text("services: {n: {image: '${NAME}:${TAG}'}}")

    (found,) = load_compose(file, {"TAG": "2"})

    assert found.image == "nats:2"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / FILE
    with pytest.raises(NotFound, match=f"{FILE}: cannot be read: No such file"):
        load_compose(file, {})

    file.write_text("services: {n: {image: x, env_file: gone.env}}")
    with pytest.raises(NotFound, match=r"gone\.env"):
        load_compose(file, {})


def test_a_bad_line_of_an_env_file_is_told_without_its_value(tmp_path: Path) -> None:
    (tmp_path / "a.env").write_text("A=1\nsecret word\n")
    file = tmp_path / FILE
    file.write_text("services: {n: {image: x, env_file: a.env}}")

    with pytest.raises(InvalidInput, match=r"a\.env: line 2 is no NAME=value") as told:
        load_compose(file, {})
    assert "secret" not in str(told.value)


def test_a_spec_has_absolute_mounts_and_its_services_settings(tmp_path: Path) -> None:
    found = service("volumes: ['./data:/data']\nuser: '10:10'\ncap_add: [CHOWN]\nmem_limit: 1m")

    spec = to_spec(found, tmp_path, image("sha256:1"))

    assert (spec.namespace, spec.id, spec.name, spec.image) == ("openfaas", "nats", "nats", "nats")
    assert spec.mounts[0].source == str(tmp_path / "data")
    assert (spec.user, spec.capabilities_add, spec.limits.memory) == (
        "10:10",
        ("CAP_CHOWN",),
        2**20,
    )


def test_the_digest_changes_with_the_service_and_with_its_image(tmp_path: Path) -> None:
    one, other = service("command: a"), service("command: b")

    digests = [
        to_spec(which, tmp_path, image(digest)).labels[LABEL_DIGEST]
        for which, digest in ((one, "1"), (one, "1"), (other, "1"), (one, "2"))
    ]

    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_a_health_check_or_port_alone_needs_no_new_container(tmp_path: Path) -> None:
    plain, more = service(""), service("ports: [80]\nhealthcheck: {test: x}")

    assert to_spec(plain, tmp_path, image("1")) == to_spec(more, tmp_path, image("1"))
