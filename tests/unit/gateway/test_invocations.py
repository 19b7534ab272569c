"""`invocationCount` in what the provider says."""

import json

import pytest

from faasd.router.tally import FunctionStats
from faasd.router.wanted import FunctionName
from tests.machine.processes import wait_until
from tests.unit.gateway.running import RunningGateway
from tests.unit.gateway.twins import ScriptedProvider


@pytest.fixture
def counted(gateway: RunningGateway, provider: ScriptedProvider) -> RunningGateway:
    provider.functions = [
        {"name": "echo", "namespace": "openfaas-fn", "invocationCount": 0, "é": 1},
        {"name": "other", "namespace": "dev"},
    ]
    gateway.counts.stats = {
        FunctionName(name="echo"): FunctionStats(by_class=(0, 7, 0, 0, 0), requests=7)
    }
    line = 'gateway_function_invocation_total{code="200",function_name="echo.openfaas-fn"}'
    wait_until(lambda: gateway.figure(line) == 7, 10, "seven calls")
    return gateway


def test_a_list_has_each_functions_count(counted: RunningGateway) -> None:
    answer = counted.get("/system/functions?namespace=openfaas-fn", Accept_Encoding="gzip")
    assert answer.headers["Content-Type"] == "application/json"
    found = json.loads(answer.body)
    assert [each["invocationCount"] for each in found] == [7, 0]
    assert found[0]["é"] == 1


def test_a_description_has_the_count(counted: RunningGateway, provider: ScriptedProvider) -> None:
    assert json.loads(counted.get("/system/function/echo?usage=1").body)["invocationCount"] == 7
    assert provider.asked[-1].path == "/system/function/echo?usage=1"


def test_a_refusal_is_passed_on(counted: RunningGateway) -> None:
    answer = counted.get("/system/function/none")
    assert (answer.status, answer.text) == (404, "there is no such function\n")
