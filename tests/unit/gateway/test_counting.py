"""What is counted, and told to Prometheus, while the gateway runs and after it."""

import json
import socket

import pytest

from faasd.router.tally import FunctionStats
from faasd.router.wanted import FunctionName
from tests.machine.processes import wait_until
from tests.unit.gateway.running import RunningGateway
from tests.unit.gateway.twins import Entry, ScriptedProvider

ECHO = FunctionName(name="echo")
LABEL = 'function_name="echo.openfaas-fn"'
TOTAL = "gateway_function_invocation_total"


@pytest.fixture
def told(gateway: RunningGateway) -> RunningGateway:
    gateway.routes.wanted = [Entry("echo.openfaas-fn", 3)]
    tell(gateway, "failures.sock", "request echo 502 30 0 0 0 30 -- 0 f000 r1 id")
    tell(gateway, "sample.sock", "request echo 200 3 0 0 0 3 -- 0 f000 r1 id")
    gateway.counts.stats = {
        ECHO: FunctionStats(by_class=(0, 99, 0, 0, 1), requests=101, current=2, queued=1)
    }
    wait_until(lambda: figure(gateway, "200") == 99, 10, "counts")
    return gateway


def tell(gateway: RunningGateway, name: str, line: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(line.encode(), str(gateway.directory / name))


def figure(gateway: RunningGateway, code: str) -> float | None:
    return gateway.figure(f'{TOTAL}{{code="{code}",{LABEL}}}')


def test_prometheus_reads_the_names_that_dashboards_use(told: RunningGateway) -> None:
    assert figure(told, "502") == 1
    assert told.figure(f"gateway_function_invocation_started{{{LABEL}}}") == 101
    assert told.figure(f"gateway_service_count{{{LABEL}}}") == 3
    assert told.figure(f"faasd_function_in_flight{{{LABEL}}}") == 2
    assert told.figure(f"faasd_function_queued{{{LABEL}}}") == 1
    seconds = "gateway_functions_seconds"
    assert told.figure(f'{seconds}_count{{code="200",{LABEL}}}') == 99
    assert told.figure(f'{seconds}_bucket{{code="200",{LABEL},le="0.005"}}') == 99
    assert told.figure(f'{seconds}_bucket{{code="200",{LABEL},le="0.001"}}') == 0
    assert told.figure(f'{seconds}_sum{{code="502",{LABEL}}}') == 0.03
    assert "# TYPE gateway_function_invocation_total counter" in told.metrics()


def test_counts_go_on_after_a_restart(told: RunningGateway) -> None:
    told.stop()
    assert told.counts.kept == 1
    told.start()
    assert figure(told, "502") == 1
    tell(told, "failures.sock", "request echo 502 30 0 0 0 30 -- 0 f000 r1 id")
    told.counts.stats = {ECHO: FunctionStats(by_class=(0, 100, 0, 0, 2), requests=103)}
    wait_until(lambda: figure(told, "200") == 100, 10, "the next count")
    assert figure(told, "502") == 2


def test_a_router_that_is_away_changes_no_count(told: RunningGateway) -> None:
    told.counts.stats = None
    reads = told.counts.reads
    wait_until(lambda: told.counts.reads > reads + 1, 10, "two looks")
    assert figure(told, "200") == 99
    told.counts.stats = {ECHO: FunctionStats(by_class=(0, 101, 0, 0, 1), requests=103)}
    wait_until(lambda: figure(told, "200") == 101, 10, "counts again")


def test_counts_that_cannot_be_written_are_kept_in_memory(
    provider: ScriptedProvider,
) -> None:
    running = RunningGateway(provider.url)
    (running.directory / "counts.json").mkdir()
    running.start()
    running.close()
    assert running.failure is None


def test_asynchronous_calls_are_counted(gateway: RunningGateway) -> None:
    gateway.send("POST", "/async-function/echo")
    assert gateway.figure('gateway_async_rejected_total{code="404"}') == 1
    assert gateway.figure("gateway_async_accepted_total") == 0


def test_the_ledger_is_one_whole_file(told: RunningGateway) -> None:
    told.stop()
    found = json.loads((told.directory / "counts.json").read_text())
    assert found["functions"].keys() == {"echo.openfaas-fn"}
    assert not list(told.directory.glob("*.sock"))
