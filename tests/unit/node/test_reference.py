import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import InvalidInput
from faasd.node.domain.reference import parse_reference

DIGEST = "sha256:" + "a1" * 32
NAMES = st.from_regex(
    r"[a-z0-9]{1,8}(?:[._-][a-z0-9]{1,5})?(?:/[a-z0-9]{1,8}){0,2}", fullmatch=True
)
HOSTS = st.sampled_from(["", "ghcr.io/", "localhost:5000/", "localhost/", "192.0.2.1:5000/"])
TAGS = st.from_regex(r"[A-Za-z0-9_][-A-Za-z0-9_.]{0,20}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.25", "docker.io/library/nginx:1.25"),
        ("functions/figlet", "docker.io/functions/figlet:latest"),
        ("docker.io/nginx", "docker.io/library/nginx:latest"),
        ("index.docker.io/library/nginx", "docker.io/library/nginx:latest"),
        ("ghcr.io/openfaas/figlet:1", "ghcr.io/openfaas/figlet:1"),
        ("localhost:5000/a", "localhost:5000/a:latest"),
        ("localhost/a", "localhost/a:latest"),
        (f"nginx@{DIGEST}", f"docker.io/library/nginx@{DIGEST}"),
        (f"nginx:1@{DIGEST}", f"docker.io/library/nginx@{DIGEST}"),
    ],
)
def test_defaults_are_docker_hubs(text: str, name: str) -> None:
    assert parse_reference(text).name == name


@given(HOSTS, NAMES, TAGS)
def test_a_full_name_reads_as_itself(host: str, repository: str, tag: str) -> None:
    name = parse_reference(f"{host}{repository}:{tag}").name

    assert parse_reference(name).name == name


@pytest.mark.parametrize(
    "text",
    [
        "", ":1", "a:", "a b", "-a", "--tls-verify=false", "Ab", "docker://nginx", "oci:/etc:x",
        "dir:/etc", "a:b:c", "a@sha256:12", "a@md5:" + "0" * 32, f"@{DIGEST}", "a//b", "a/../b",
        "/a", "a/", "a\n", "a\0", "https://ghcr.io/a", "ghcr.io/Upper", "a:" + "t" * 129,
        "ghcr.io/" + "a" * 256, "docker-archive:/etc/passwd",
    ],
)  # fmt: skip
def test_what_is_no_reference_is_refused_naming_the_field(text: str) -> None:
    with pytest.raises(InvalidInput, match="no image reference") as refused:
        parse_reference(text)

    assert refused.value.field == "image"


@given(st.text(max_size=60))
def test_whatever_is_taken_is_safe_after_a_transports_name(text: str) -> None:
    try:
        name = parse_reference(text).name
    except InvalidInput:
        return
    assert not name.startswith("-")
    assert not set(name) & set(" \t\n\0\\'\"$&|;<>")
    assert "//" not in name
