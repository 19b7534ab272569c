"""What a real container prints, from its process to the file."""

from collections import Counter

import pytest

from faasd.collector import CollectorSettings
from faasd.node.domain.container import ContainerSpec, Mount, TaskState
from faasd.node.open import Node
from tests.machine.node import NAMESPACE, RealMachine, image
from tests.machine.processes import wait_until
from tests.node.logs.collecting import collecting, records

SCRIPT = "echo to out; echo to err >&2; i=0; while [ $i -lt 5000 ]; do echo $i; i=$((i+1)); done"
WANTED = Counter([("stdout", "to out"), ("stderr", "to err")]) + Counter(
    ("stdout", str(number)) for number in range(5000)
)


@pytest.fixture
def settings(machine: RealMachine, tmp_path_factory: pytest.TempPathFactory) -> CollectorSettings:
    return CollectorSettings(
        run_dir=machine.settings.run_dir, log_dir=str(tmp_path_factory.mktemp("log"))
    )


def printing(script: str) -> ContainerSpec:
    return ContainerSpec(
        namespace=NAMESPACE,
        id="talk.1.0",
        name="talk",
        image=image("serve"),
        entrypoint=("/bin/busybox", "sh", "-c", script),
        mounts=(Mount(source="/bin/busybox", target="/bin/busybox"),),
        grace=0.5,
    )


def kept(settings: CollectorSettings) -> Counter[tuple[str, str]]:
    return Counter((one["stream"], one["text"]) for one in records(settings, "talk"))


def has_ended(node: Node) -> bool:
    found = node.workloads.find(NAMESPACE, "talk.1.0")
    return found is None or found.state in (TaskState.NONE, TaskState.STOPPED)


def test_all_that_a_container_prints_is_kept_with_its_stream(
    node: Node, settings: CollectorSettings
) -> None:
    with collecting(settings):
        node.workloads.create(printing(f"{SCRIPT}; exec sleep 60"))
        node.workloads.start(NAMESPACE, "talk.1.0")
        wait_until(lambda: kept(settings) == WANTED, 20, "all lines in the file")
        node.workloads.remove(NAMESPACE, "talk.1.0")

    assert {one["instance"] for one in records(settings, "talk")} == {"talk.1.0"}


def test_the_last_words_of_a_container_that_is_removed_at_once_are_kept(
    node: Node, settings: CollectorSettings
) -> None:
    with collecting(settings):
        node.workloads.create(printing(SCRIPT))
        node.workloads.start(NAMESPACE, "talk.1.0")
        wait_until(lambda: has_ended(node), 20, "the container's end")
        node.workloads.remove(NAMESPACE, "talk.1.0")
        wait_until(lambda: kept(settings) == WANTED, 10, "all lines in the file")


def test_a_container_outlives_the_collector_and_loses_no_line(
    node: Node, settings: CollectorSettings
) -> None:
    with collecting(settings):
        node.workloads.create(printing(f"sleep 1; {SCRIPT}; exec sleep 60"))
        node.workloads.start(NAMESPACE, "talk.1.0")
    with collecting(settings):
        wait_until(lambda: kept(settings) == WANTED, 20, "all lines in the file")
        node.workloads.remove(NAMESPACE, "talk.1.0")
