"""A stack.yml as the API's deployments."""

import json

import pytest
import yaml

from faasd.base.errors import FaasdError, InvalidInput
from faasd.cli.stack_file import parse_stack

STACK = """
version: 1.0
provider: {name: openfaas, gateway: "http://127.0.0.1:8080"}
functions:
  hello:
    lang: python3
    handler: ./hello
    image: nginx:1.25
    environment: {write_timeout: 10, debug: true, name: x}
    labels: {com.openfaas.scale.min: 1}
    limits: {memory: 64Mi, cpu: 1}
    fprocess: cat
    readonly_root_filesystem: true
  other:
    image: localhost/other:latest
    namespace: openfaas-fn
"""


def test_a_stack_is_what_the_api_takes() -> None:
    hello, other = parse_stack(STACK, "amd64")
    assert (hello.name, hello.image) == ("hello", "docker.io/library/nginx:1.25")
    assert json.loads(hello.body) == {
        "service": "hello",
        "image": "nginx:1.25",
        "envVars": {"write_timeout": "10", "debug": "true", "name": "x"},
        "labels": {"com.openfaas.scale.min": "1"},
        "limits": {"memory": "64Mi", "cpu": "1"},
        "envProcess": "cat",
        "readOnlyRootFilesystem": True,
    }
    assert (other.name, other.namespace) == ("other", "openfaas-fn")
    assert json.loads(other.body)["image"] == "localhost/other:latest"


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        ({"image": "a", "limit": {}}, "function one of the stack: unknown: limit"),
        ({"image": "a", "environment_file": ["x"]}, "write its variables under environment"),
        ({}, "image"),
        ({"image": "A B"}, "A B"),
        ({"image": "a", "limits": {"memory": "much"}}, "much"),
        ({"image": "${IMAGE}"}, "the stack has ${IMAGE}: write its value"),
        ("text", "function one of the stack must be a mapping of names"),
        ({"image": "a", "labels": ["x"]}, "must be a mapping of names"),
    ],
)
def test_what_a_node_would_not_run_is_refused_by_a_sentence(
    function: object, sentence: str
) -> None:
    with pytest.raises(FaasdError) as caught:
        parse_stack(yaml.safe_dump({"functions": {"one": function}}), "amd64")
    assert sentence in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "functions: {}", "functions: [a]", "a: b: c", "1: 2"])
def test_what_is_no_stack_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="stack"):
        parse_stack(text, "amd64")


def test_a_function_for_another_machine_is_refused_before_it_is_deployed() -> None:
    text = "functions: {one: {image: a, constraints: [kubernetes.io/arch=arm64]}}"
    parse_stack(text, "arm64")
    with pytest.raises(FaasdError):
        parse_stack(text, "amd64")
