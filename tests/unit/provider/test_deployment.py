"""What clients may ask of a function, and how they are told what they may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasd.base.errors import FaasdError, InvalidInput, Unsatisfiable
from provider_app.domain.deployment import Deployment, Quantities, parse_deployment
from provider_app.domain.fields import MAX_ITEMS, MAX_TEXT
from provider_app.domain.function import container_spec
from tests.unit.provider.making import BODY, deployment, function

FULL = {
    "service": "echo",
    "image": "ghcr.io/someone/echo:1",
    "namespace": "staging",
    "envProcess": "cat",
    "envVars": {"A": "1", "B": ""},
    "constraints": ["kubernetes.io/arch=amd64", "node.platform.os == linux"],
    "secrets": ["key", "key", "other"],
    "labels": {"com.openfaas.scale.min": "2", "team": "a"},
    "annotations": {"topic": "orders"},
    "limits": {"memory": "128Mi", "cpu": "100m"},
    "requests": {"memory": "64Mi"},
    "readOnlyRootFilesystem": True,
}

MALFORMED: list[tuple[dict[str, object], str]] = [
    ({"service": None}, "service"),
    ({"service": ""}, "service"),
    ({"service": 7}, "service"),
    ({"service": "Echo"}, "service"),
    ({"service": "a" * 64}, "service"),
    ({"service": "-echo"}, "service"),
    ({"service": "../etc"}, "service"),
    ({"service": "echo\n"}, "service"),
    ({"service": "echo\u0000"}, "service"),
    ({"image": ""}, "image"),
    ({"image": None}, "image"),
    ({"image": ["serve"]}, "image"),
    ({"image": "serve/UPPER"}, "image"),
    ({"image": "serve:"}, "image"),
    ({"image": "serve@sha256:short"}, "image"),
    ({"image": "-serve"}, "image"),
    ({"image": "docker://serve"}, "image"),
    ({"namespace": "No_Such"}, "namespace"),
    ({"namespace": 1}, "namespace"),
    ({"namespace": "a/b"}, "namespace"),
    ({"envProcess": {"cat": 1}}, "envProcess"),
    ({"envProcess": "cat\u0000"}, "envProcess"),
    ({"envVars": ["A=1"]}, "envVars"),
    ({"envVars": {"A": 1}}, 'envVars["A"]'),
    ({"envVars": {"A": {"b": "c"}}}, 'envVars["A"]'),
    ({"envVars": {"A=B": "1"}}, "envVars"),
    ({"envVars": {"": "1"}}, "envVars"),
    ({"envVars": {"1A": "1"}}, "envVars"),
    ({"envVars": {"A": "x\u0000y"}}, 'envVars["A"]'),
    ({"envVars": {"A": "x" * (MAX_TEXT + 1)}}, 'envVars["A"]'),
    ({"envVars": {f"A{number}": "" for number in range(MAX_ITEMS + 1)}}, "envVars"),
    ({"envVars": {"grace_period": "soon"}}, 'envVars["grace_period"]'),
    ({"constraints": "arch=amd64"}, "constraints"),
    ({"constraints": [1]}, "constraints[0]"),
    ({"constraints": ["amd64"]}, "constraints"),
    ({"secrets": {"key": "value"}}, "secrets"),
    ({"secrets": ["key", 2]}, "secrets[1]"),
    ({"secrets": ["../shadow"]}, "secrets"),
    ({"secrets": [""]}, "secrets"),
    ({"labels": "a=b"}, "labels"),
    ({"labels": {"x": True}}, 'labels["x"]'),
    ({"labels": {"a b": "c"}}, "labels"),
    ({"labels": {"": "c"}}, "labels"),
    ({"labels": {"a" * 254: "c"}}, "labels"),
    ({"labels": {f"l{number}": "x" * 60_000 for number in range(5)}}, "labels"),
    ({"labels": {"com.openfaas.ready.http.path": "x"}}, 'labels["com.openfaas.ready.http.path"]'),
    (
        {"labels": {"com.openfaas.health.http.path": "/a\r\nX: y"}},
        'labels["com.openfaas.health.http.path"]',
    ),
    (
        {"labels": {"com.openfaas.ready.http.initialDelay": "later"}},
        'labels["com.openfaas.ready.http.initialDelay"]',
    ),
    (
        {"labels": {"com.openfaas.health.http.initialDelay": "2h"}},
        'labels["com.openfaas.health.http.initialDelay"]',
    ),
    ({"labels": {"grace_period": "2h"}}, 'labels["grace_period"]'),
    ({"annotations": 3}, "annotations"),
    ({"annotations": {"a": []}}, 'annotations["a"]'),
    ({"annotations": {"grace_period": "-"}}, 'annotations["grace_period"]'),
    ({"limits": "128Mi"}, "limits"),
    ({"limits": {"memory": 128}}, "limits.memory"),
    ({"limits": {"memory": "lots"}}, "limits.memory"),
    ({"limits": {"memory": "0"}}, "limits.memory"),
    ({"limits": {"memory": "1Ki"}}, "limits.memory"),
    ({"limits": {"cpu": "-1"}}, "limits.cpu"),
    ({"limits": {"cpu": True}}, "limits.cpu"),
    ({"requests": {"memory": "x"}}, "requests.memory"),
    ({"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}, "requests.memory"),
    ({"requests": {"cpu": "2"}, "limits": {"cpu": "1500m"}}, "requests.cpu"),
    ({"readOnlyRootFilesystem": "true"}, "readOnlyRootFilesystem"),
    ({"readOnlyRootFilesystem": 1}, "readOnlyRootFilesystem"),
]

ABSURD = [
    ("min", "few"),
    ("min", "-1"),
    ("min", "1.5"),
    ("max", "\u0665"),
    ("max", "1" + "0" * 30),
    ("zero", "maybe"),
    ("zero-duration", "later"),
    ("zero-duration", "-5m"),
    ("zero-duration", "500ms"),
    ("zero-duration", "721h"),
    ("type", "memory"),
    ("type", "RPS"),
    ("target", "0"),
    ("target", "-50"),
    ("target", "1000001"),
    ("target-proportion", "0"),
    ("target-proportion", "nan"),
    ("target-proportion", "1e3"),
    ("target-proportion", "11"),
    ("factor", "-1"),
    ("factor", "101"),
]
"""Labels of scaling, without their prefix."""

UNSATISFIABLE = [
    ({"constraints": ["kubernetes.io/arch=arm64"]}, "constraints"),
    ({"constraints": ["kubernetes.io/arch!=amd64"]}, "constraints"),
    ({"constraints": ["disktype=ssd"]}, "constraints"),
    (
        {"labels": {"com.openfaas.scale.min": "5", "com.openfaas.scale.max": "2"}},
        'labels["com.openfaas.scale.min"]',
    ),
    ({"labels": {"com.openfaas.scale.min": "101"}}, 'labels["com.openfaas.scale.min"]'),
    ({"labels": {"faasd.sleep.depth": "deep"}}, 'labels["faasd.sleep.depth"]'),
    *(
        ({"labels": {f"com.openfaas.scale.{name}": value}}, f'labels["com.openfaas.scale.{name}"]')
        for name, value in ABSURD
    ),
]


def test_every_field_is_read() -> None:
    assert parse_deployment(FULL, "amd64") == Deployment(
        name="echo",
        namespace="staging",
        image="ghcr.io/someone/echo:1",
        process="cat",
        env={"A": "1", "B": ""},
        constraints=("kubernetes.io/arch=amd64", "node.platform.os == linux"),
        secrets=("key", "other"),
        labels={"com.openfaas.scale.min": "2", "team": "a"},
        annotations={"topic": "orders"},
        limits=Quantities(memory="128Mi", cpu="100m"),
        requests=Quantities(memory="64Mi"),
        read_only_root=True,
    )


def test_what_is_left_out_has_openfaas_defaults() -> None:
    assert deployment() == Deployment(
        name="echo", namespace="openfaas-fn", image="docker.io/library/serve:latest"
    )


def test_null_is_the_same_as_absent_and_unknown_keys_are_ignored() -> None:
    optional = dict.fromkeys(set(FULL) - {"service", "image"})

    assert parse_deployment({**BODY, **optional, "network": 7}, "amd64") == deployment()


@pytest.mark.parametrize(("change", "field"), MALFORMED, ids=lambda value: str(value)[:60])
def test_what_is_malformed_is_refused_naming_the_field(
    change: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as error:
        deployment(**change)

    assert error.value.field == field
    assert field.rpartition("[")[0] in str(error.value)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(("change", "field"), UNSATISFIABLE, ids=str)
def test_what_this_node_cannot_do_is_refused_naming_the_field(
    change: dict[str, object], field: str
) -> None:
    with pytest.raises(Unsatisfiable) as error:
        deployment(**change)

    assert error.value.field == field


@pytest.mark.parametrize("body", [None, [], "echo", 1, True])
def test_a_body_that_is_no_object_is_refused(body: object) -> None:
    with pytest.raises(InvalidInput, match="JSON object"):
        parse_deployment(body, "amd64")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FULL, JSON)))
def test_any_json_is_a_deployment_or_a_refusal_with_a_field(body: dict[str, object]) -> None:
    refusal: FaasdError | None = None
    try:
        parse_deployment(BODY | body, "amd64")
    except (InvalidInput, Unsatisfiable) as error:
        refusal = error

    assert refusal is None or (refusal.field and "\n" not in str(refusal))


def test_a_container_is_asked_for_what_was_deployed() -> None:
    asked = {**FULL, "annotations": {"grace_period": "5s"}}
    spec = container_spec(function(generation=3, asked=asked), 1, "group-2", "/secrets")

    assert (spec.namespace, spec.id, spec.replica) == ("staging", "echo.3.1", 1)
    assert spec.env == {"fprocess": "cat", "A": "1", "B": ""}
    assert [secret.source for secret in spec.secrets] == [
        "/secrets/staging/key",
        "/secrets/staging/other",
    ]
    assert (spec.limits.memory, spec.limits.cpu) == (128 * 2**20, 100)
    assert spec.read_only_root
    assert (spec.grace, spec.shim_group) == (5, "group-2")
