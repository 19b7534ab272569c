"""Labels of scaling that cannot be: 422 with the label's name, whatever is there stays as it is."""

import pytest

from provider_app.domain import scaling
from provider_app.domain.strategy import STRATEGY
from tests.unit.provider.running import RunningProvider

LABELS = (
    scaling.MIN,
    scaling.MAX,
    scaling.TYPE,
    scaling.TARGET,
    scaling.PROPORTION,
    scaling.FACTOR,
    scaling.ZERO,
    scaling.ZERO_DURATION,
    scaling.DEPTH,
    STRATEGY,
)
NEVER = (
    *("-1", "-0.5", "+1", " 1 ", "0x10", "1e9", "1,5", "1_000", "1.2.3"),
    *("NaN", "inf", "-inf", "None", "null", "[]", "few", "memory", "\u0665", "\u00b2", "1" * 400),
)
"""Values that no label of scaling takes: negative, absurd, or of no type that is known."""

CONTRADICTIONS = [
    ({scaling.MIN: "2", scaling.MAX: "1"}, scaling.MIN),
    ({scaling.MIN: "100", scaling.MAX: "99"}, scaling.MIN),
    ({scaling.MIN: "101", scaling.MAX: "102"}, scaling.MIN),
    ({scaling.MIN: "1", scaling.MAX: "101"}, scaling.MAX),
    ({scaling.TYPE: "CPU"}, scaling.TYPE),
    ({scaling.TYPE: "cpu,rps"}, scaling.TYPE),
    ({scaling.TARGET: "0"}, scaling.TARGET),
    ({scaling.PROPORTION: "10.1"}, scaling.PROPORTION),
    ({scaling.FACTOR: "100.5"}, scaling.FACTOR),
    ({scaling.ZERO_DURATION: "0s"}, scaling.ZERO_DURATION),
    ({scaling.ZERO_DURATION: "9999999h"}, scaling.ZERO_DURATION),
]


def test_every_label_of_scaling_is_among_those_that_are_tried() -> None:
    known = {value for value in vars(scaling).values() if str(value).startswith("com.openfaas.")}

    assert known - {scaling._PREFIX} <= set(LABELS)


@pytest.mark.parametrize("label", LABELS)
def test_a_value_that_cannot_be_is_refused_by_the_labels_name(
    provider: RunningProvider, label: str
) -> None:
    answers = {value: provider.deploy(labels={label: value}) for value in NEVER}

    assert {value: a.status_code for value, a in answers.items()} == dict.fromkeys(NEVER, 422)
    assert all(f'labels["{label}"]' in answer.text for answer in answers.values())
    assert max(len(answer.text) for answer in answers.values()) < 300
    assert provider.client.get("/system/functions").json == []


@pytest.mark.parametrize(("labels", "named"), CONTRADICTIONS, ids=str)
def test_labels_that_contradict_each_other_or_go_too_far_change_nothing(
    provider: RunningProvider, labels: dict[str, str], named: str
) -> None:
    provider.deploy_ready()
    before = provider.status()

    answer = provider.update(labels=labels)

    assert answer.status_code == 422
    assert f'labels["{named}"]' in answer.text
    assert provider.status() == before
