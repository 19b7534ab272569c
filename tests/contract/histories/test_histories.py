"""Whatever is done to a node and befalls it: it ends as it was asked to, and leaks nothing."""

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.contract.backends import Backend, MemoryBackend
from tests.contract.histories.history import History
from tests.contract.histories.invariants import BY_CALLS, INVARIANTS
from tests.contract.histories.machine import NodeMachine
from tests.contract.histories.stand import IN_MEMORY, ON_CONTAINERD, Stand
from tests.contract.histories.tally import REPORT, Tally

SEED = 8
"""Used where ``--hypothesis-seed`` names no other."""

ANOTHER = 1_000_003
"""From one seed to the next of the same run."""


@pytest.mark.timeout(600)
def test_after_any_history_the_node_is_as_it_was_asked_to_be(
    backend: Backend, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    is_memory = isinstance(backend, MemoryBackend)
    pace = IN_MEMORY if is_memory else ON_CONTAINERD
    histories, steps, least = (34, 25, 1000) if is_memory else (3, 20, 60)
    number = int(request.config.getoption("--hypothesis-seed") or SEED)
    tally, places = Tally(), itertools.count()

    def make_machine() -> NodeMachine:
        place = tmp_path / str(next(places))
        return NodeMachine(History(Stand(backend, place, pace), tally))

    try:
        # Some seeds draw shorter histories than others: they are given a few more.
        for turn in itertools.count():
            run_state_machine_as_test(
                seed(number + turn * ANOTHER)(make_machine),  # type: ignore[arg-type]
                settings=settings(
                    max_examples=histories if turn == 0 else 3,
                    stateful_step_count=steps,
                    phases=(Phase.generate,),
                    database=None,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
            if tally.settled >= least:
                break
    finally:
        assert not tally.failures, tally.failures[0]

    promises = [invariant.__name__ for invariant in INVARIANTS] + [BY_CALLS]
    where = "in memory" if is_memory else "on containerd"
    REPORT.append(f"{next(places)} histories {where}, seed {number}: {tally}")
    REPORT.append(f"all settled {tally.settled} times, and each time held: {', '.join(promises)}")
