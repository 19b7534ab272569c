"""A name that containerd refuses, because it was too slow to clean up after its task."""

import shutil
import subprocess
from pathlib import Path

import pytest

from faasd.node.adapters.containerd.bundles import find_bundle
from faasd.node.domain.container import TaskState
from tests.machine.processes import wait_until
from tests.node.containerd.place import Place

NAME = "fn.1.0"


def bundle_of(place: Place) -> Path:
    return place.daemon.run / "io.containerd.runtime.v2.task" / place.namespace / NAME


def leave_behind(place: Place, aside: Path) -> None:
    """Have a task run and end, and put back what containerd would leave if it was cut short."""
    bundle = bundle_of(place)
    place.run(NAME, "sleep", "60")
    shutil.copytree(bundle, aside, symlinks=True, ignore=shutil.ignore_patterns("rootfs", "log"))
    place.client.tasks.kill(place.namespace, NAME)
    assert place.client.tasks.wait(place.namespace, NAME, 10)
    place.client.tasks.delete(place.namespace, NAME)
    wait_until(lambda: not bundle.exists(), 10, "containerd cleaned up")
    shutil.copytree(aside, bundle, symlinks=True)
    (bundle / "rootfs").mkdir()


def test_a_name_is_freed_and_what_is_mounted_there_stays_whole(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faasd.node.adapters.containerd.tasks.CLEANUP_TIMEOUT", 0.5)
    leave_behind(place, tmp_path / "aside")
    snapshot = tmp_path / "snapshot"
    snapshot.mkdir()
    (snapshot / "file").write_text("kept")
    mount = ["mount", "--bind", str(snapshot), str(bundle_of(place) / "rootfs")]
    subprocess.run(mount, check=True)

    assert place.start(NAME) > 0

    assert place.state(NAME) is TaskState.RUNNING
    assert (snapshot / "file").read_text() == "kept"


@pytest.mark.parametrize(
    "refusal",
    [
        "failed to start shim: mkdir /run/c/io.containerd.runtime.v2.task/ns/other: file exists",
        "failed: mkdir /run/c/io.containerd.runtime.v2.task/other/fn.1.0: file exists",
        "failed to start shim: mkdir /run/c/io.containerd.runtime.v2.task/ns/fn.1.0: no space left",
        "mkdir relative/io.containerd.runtime.v2.task/ns/fn.1.0: file exists",
        "task fn.1.0: already exists",
    ],
)
def test_nothing_else_is_ever_removed(refusal: str) -> None:
    assert find_bundle(refusal, "ns", NAME) is None


def test_the_directory_is_the_one_that_containerd_names() -> None:
    path = "/run/containerd/io.containerd.runtime.v2.task/openfaas/gateway"
    refusal = f"failed to start shim: mkdir {path}: file exists"

    assert find_bundle(refusal, "openfaas", "gateway") == Path(path)
