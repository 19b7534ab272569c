"""What stands in a deployed function's way: images, registries, programs, room."""

import json

import pytest

from faasd.node.adapters.memory.images import make_layout
from faasd.node.domain.container import TaskState
from tests.unit.provider.running import NAMESPACE, RunningProvider, eventually, json_of


def test_image_from_a_file_needs_no_registry(provider: RunningProvider) -> None:
    layout = make_layout("localhost/own:1", ["/bin/serve"])
    archive = provider.directory / "own.tar"
    archive.write_text(layout.name)
    provider.world.registry[layout.name] = make_layout("localhost/own:1", ["/bin/serve"])
    assert provider.provider is not None
    image = provider.provider.node.images.load(NAMESPACE, archive)[0]
    _forget_source(provider, image.name)
    provider.world.registry.clear()

    assert provider.deploy(image="localhost/own:1").status_code == 202

    assert eventually(lambda: provider.state() == "ready")


def _forget_source(provider: RunningProvider, name: str) -> None:
    """An image from a file has no digest that a registry gave it."""
    held = provider.world.images[NAMESPACE, name]
    copied = type(held)(name=name, digest=held.digest, config=held.config, chain_id=held.chain_id)
    provider.world.images[NAMESPACE, name] = copied


def test_held_image_serves_while_the_registry_is_away(provider: RunningProvider) -> None:
    provider.deploy_ready()
    provider.world.registry_answers = False

    assert provider.update(envVars={"A": "1"}).status_code == 202
    assert provider.deploy("other").status_code == 202

    assert eventually(lambda: provider.state("other") == "ready")


def test_image_that_is_not_held_needs_the_registry(provider: RunningProvider) -> None:
    provider.world.registry_answers = False

    answer = provider.deploy()

    assert answer.status_code == 503
    assert "registry" in answer.text


@pytest.mark.parametrize("image", ["missing", "foreign"])
def test_image_that_cannot_run_here_is_refused_and_changes_nothing(
    provider: RunningProvider, image: str
) -> None:
    provider.deploy_ready()

    answer = provider.update(image=image)

    assert answer.status_code == 422
    assert image in answer.text
    assert provider.status()["image"] == "docker.io/library/serve:latest"


def test_missing_secret_is_refused_by_name_before_anything_is_made(
    provider: RunningProvider,
) -> None:
    answer = provider.deploy(secrets=["api-key"])

    assert answer.status_code == 422
    assert "api-key" in answer.text
    assert json_of(provider.client.get("/system/functions")) == []


def test_a_program_that_is_not_in_the_image_is_told(provider: RunningProvider) -> None:
    provider.deploy(image="nothing")

    assert eventually(lambda: provider.state() == "failed")
    assert "no such program" in provider.reason()


def test_a_program_that_exits_is_told_with_its_status_and_how_often(
    provider: RunningProvider,
) -> None:
    provider.push("exit", "/bin/exit", "3")
    provider.deploy(image="exit")

    assert eventually(lambda: "2 times in a row" in provider.reason())
    assert "exited with status 3" in provider.reason()
    assert provider.state() == "failed"


def test_a_port_that_never_opens_is_told_and_callers_are_not_kept(
    provider: RunningProvider,
) -> None:
    provider.deploy(image="silent")

    assert eventually(lambda: provider.state() == "failed")
    assert "8080" in provider.reason()
    answer = provider.client.get("/function/echo")
    assert answer.status_code == 503
    assert "8080" in answer.text


def test_one_functions_trouble_leaves_others_alone(provider: RunningProvider) -> None:
    for number, image in enumerate(["exit", "silent", "nothing", "exit"]):
        provider.deploy(f"bad{number}", image)

    provider.deploy_ready("good")

    assert provider.client.get("/function/good").status_code == 200


def test_no_address_left_is_told_and_mended_when_one_is_free(provider: RunningProvider) -> None:
    provider.world.addresses_left = 1
    provider.deploy_ready("first")

    provider.deploy("second")
    assert eventually(lambda: "address" in provider.reason("second"))
    provider.delete("first")

    assert eventually(lambda: provider.state("second") == "ready")


def test_state_while_a_replica_starts_is_told(provider: RunningProvider) -> None:
    provider.deploy(
        image="serve", labels={"com.openfaas.ready.http.initialDelay": "1s"}, replicas=1
    )

    assert eventually(lambda: provider.state() == "starting")
    assert provider.workloads()["echo.1.0"].state is TaskState.RUNNING
    assert provider.status()["availableReplicas"] == 0


def texts(provider: RunningProvider) -> list[str]:
    lines = provider.client.get("/system/logs?name=echo").text.splitlines()
    return [json.loads(line)["text"] for line in lines]


def test_a_replica_killed_for_its_memory_is_told_in_its_status_and_its_logs(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready(limits={"memory": "64Mi"})

    sentence = "killed: it used more than its memory limit of 64Mi"
    for times in (1, 2, 3):
        assert eventually(lambda: provider.running() == ["echo.1.0"])
        provider.world.eat_memory(NAMESPACE, "echo.1.0")
        assert eventually(lambda times=times: texts(provider) == [sentence] * times)  # type: ignore[misc]

    assert eventually(lambda: provider.reason() == f"{sentence} (3 times in a row)")
    assert provider.state() == "failed"


def test_without_a_limit_it_was_the_machine_that_had_no_memory(provider: RunningProvider) -> None:
    provider.deploy_ready()

    provider.world.eat_memory(NAMESPACE, "echo.1.0")

    assert eventually(lambda: texts(provider) == ["killed: the machine had no memory left for it"])


def test_a_process_beside_the_first_that_was_killed_is_told_in_the_logs_alone(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready(limits={"memory": "64Mi"})

    provider.world.kill_child(NAMESPACE, "echo.1.0")
    provider.world.kill_child(NAMESPACE, "echo.1.0")

    assert eventually(lambda: len(texts(provider)) == 1)
    assert provider.state() == "ready"
    provider.world.crash(NAMESPACE, "echo.1.0")
    assert eventually(lambda: "its process" in provider.reason() or provider.state() == "ready")


def test_a_local_image_that_the_node_does_not_hold_is_told_with_how_to_load_it(
    provider: RunningProvider,
) -> None:
    provider.world.registry_answers = False
    answer = provider.deploy(image="localhost/nope")
    elsewhere = provider.deploy(image="localhost:5000/nope")

    assert answer.status_code == 422
    assert (
        "image localhost/nope:latest is not on this node: "
        "load it by `faasd image load -n openfaas-fn FILE`"
    ) in answer.text
    assert "faasd image load" not in elsewhere.text


def test_of_two_generations_that_never_answer_only_the_wanted_one_is_left(
    provider: RunningProvider,
) -> None:
    provider.deploy(image="silent")
    assert eventually(lambda: "no answer" in provider.reason())

    provider.update(image="silent", envVars={"COLOUR": "green"})

    assert eventually(lambda: list(provider.workloads()) == ["echo.2.0"])
    assert provider.running() == ["echo.2.0"]
