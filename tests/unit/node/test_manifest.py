import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import Unsatisfiable
from faasd.node.domain.image import Descriptor, Platform
from faasd.node.domain.manifest import (
    Index,
    Manifest,
    ManifestEntry,
    choose_manifest,
    parse_config,
    parse_index,
    parse_manifest,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=10,
)
KEYS = ("mediaType", "manifests", "config", "layers", "rootfs", "architecture", "schemaVersion")
DOCUMENTS = st.dictionaries(st.sampled_from(KEYS), JSON) | JSON


def index(*platforms: str) -> Index:
    entries = []
    for number, name in enumerate(platforms):
        system, architecture, variant = (*name.split("/"), "")[:3]
        entries.append(
            ManifestEntry(
                descriptor=Descriptor(media_type="", digest=f"sha256:{number}", size=1),
                platform=Platform(os=system, architecture=architecture, variant=variant),
            )
        )
    return Index(entries=tuple(entries))


@pytest.mark.parametrize(
    ("wanted", "offered", "chosen"),
    [
        ("arm/v7", ["linux/arm/v5", "linux/arm/v7", "linux/arm/v6"], 1),
        ("arm/v7", ["linux/arm/v5", "linux/arm/v6"], 1),
        ("arm/v6", ["linux/arm/v7", "linux/arm/v6", "linux/arm/v5"], 1),
        ("arm/v7", ["linux/amd64", "linux/arm"], 1),
        ("arm64/v8", ["linux/arm64", "linux/amd64"], 0),
        ("arm64", ["linux/amd64", "linux/arm64/v8"], 1),
        ("amd64", ["unknown/unknown", "linux/amd64"], 1),
        ("amd64", ["windows/amd64", "linux/amd64"], 1),
    ],
)
def test_the_best_manifest_for_a_platform_is_chosen(
    wanted: str, offered: list[str], chosen: int
) -> None:
    architecture, _, variant = wanted.partition("/")
    platform = Platform(architecture=architecture, variant=variant)

    found = choose_manifest(index(*offered), platform, "a:1")

    assert found.digest == f"sha256:{chosen}"


@pytest.mark.parametrize(
    ("wanted", "offered"),
    [("arm/v6", "linux/arm/v7"), ("arm64", "linux/arm/v7"), ("amd64", "linux/386")],
)
def test_a_platform_that_cannot_run_it_is_refused_with_what_is_offered(
    wanted: str, offered: str
) -> None:
    architecture, _, variant = wanted.partition("/")

    with pytest.raises(Unsatisfiable, match=offered):
        choose_manifest(index(offered), Platform(architecture=architecture, variant=variant), "a")


def test_attestations_are_not_offered() -> None:
    with pytest.raises(Unsatisfiable) as refused:
        choose_manifest(index("unknown/unknown"), Platform(architecture="amd64"), "a")

    assert "unknown/unknown" not in str(refused.value)


@given(DOCUMENTS)
def test_any_json_is_a_manifest_or_a_refusal(document: object) -> None:
    for parse in (parse_manifest, parse_config, parse_index):
        try:
            parse(json.dumps(document).encode(), "a:1")
        except Unsatisfiable:
            continue


@given(st.binary(max_size=40))
def test_any_bytes_are_a_manifest_or_a_refusal(content: bytes) -> None:
    try:
        found = parse_manifest(content, "a:1")
    except Unsatisfiable:
        return
    assert isinstance(found, Index | Manifest)


def test_schema_1_is_named() -> None:
    with pytest.raises(Unsatisfiable, match="schema 1"):
        parse_manifest(b'{"schemaVersion": 1}', "a:1")


def test_layers_of_another_kind_are_named() -> None:
    blob = {"mediaType": "application/wasm", "digest": "sha256:1", "size": 1}
    document = {"config": {**blob}, "layers": [blob]}

    with pytest.raises(Unsatisfiable, match="application/wasm"):
        parse_manifest(json.dumps(document).encode(), "a:1")
