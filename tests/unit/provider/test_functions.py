"""Functions over the API: deployed, described, scaled, updated and removed."""

from typing import Any

from tests.unit.provider.running import RunningProvider, eventually, json_of


def test_a_deployed_function_becomes_ready_and_answers(provider: RunningProvider) -> None:
    provider.deploy_ready(envVars={"COLOUR": "blue"}, envProcess="cat")

    answer = provider.client.post("/function/echo/a?b=c", data=b"hello")

    assert answer.status_code == 200
    answered = json_of(answer)
    assert answered["body"] == "hello"
    assert answered["env"] == {"COLOUR": "blue", "fprocess": "cat"}


def test_status_tells_what_was_deployed(provider: RunningProvider) -> None:
    asked: dict[str, Any] = {
        "labels": {"team": "a"},
        "annotations": {"topic": "b"},
        "limits": {"memory": "64Mi"},
        "constraints": ["kubernetes.io/os=linux"],
        "readOnlyRootFilesystem": True,
    }
    provider.deploy_ready(**asked)

    status = provider.status()

    assert {key: status[key] for key in asked if key != "annotations"} == {
        key: value for key, value in asked.items() if key != "annotations"
    }
    assert status["annotations"]["topic"] == "b"
    assert (status["replicas"], status["availableReplicas"]) == (1, 1)
    assert status["createdAt"].endswith("Z")
    assert json_of(provider.client.get("/system/functions")) == [status]


def test_usage_is_told_when_asked_for(provider: RunningProvider) -> None:
    provider.deploy_ready()

    status = json_of(provider.client.get("/system/function/echo?usage=true"))

    assert status["usage"]["totalMemoryBytes"] == 1_048_576
    assert "usage" not in provider.status()


def test_a_namespace_that_is_not_for_functions_is_refused(provider: RunningProvider) -> None:
    answer = provider.deploy(namespace="openfaas")

    assert answer.status_code == 422
    assert "openfaas" in answer.text


def test_functions_of_a_labelled_namespace_are_their_own(provider: RunningProvider) -> None:
    provider.world.namespaces["staging"] = {"openfaas": "1"}
    provider.deploy_ready()

    assert provider.deploy(namespace="staging", envVars={"A": "1"}).status_code == 202

    assert json_of(provider.client.get("/system/functions?namespace=staging"))[0]["name"] == "echo"
    assert eventually(lambda: provider.client.get("/function/echo.staging").status_code == 200)
    assert json_of(provider.client.get("/function/echo.staging"))["env"] == {"A": "1"}
    assert json_of(provider.client.get("/function/echo"))["env"] == {}


def test_an_unchanged_update_restarts_nothing(provider: RunningProvider) -> None:
    provider.deploy_ready()
    before = provider.workloads()["echo.1.0"].task.pid

    assert provider.update().status_code == 202
    assert provider.deploy().status_code == 202

    assert not eventually(lambda: list(provider.workloads()) != ["echo.1.0"], 0.2)
    assert provider.workloads()["echo.1.0"].task.pid == before


def test_a_tag_that_moved_is_another_generation(provider: RunningProvider) -> None:
    provider.deploy_ready()
    provider.push("serve", "/bin/serve", env={"VERSION": "2"})

    provider.update()

    assert eventually(lambda: json_of(provider.client.get("/function/echo"))["env"] != {})
    assert eventually(lambda: list(provider.workloads()) == ["echo.2.0"])


def test_an_update_serves_all_the_time_and_leaves_one_generation(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready()

    provider.update(envVars={"COLOUR": "green"})
    seen: list[tuple[int, object]] = []
    while not seen or seen[-1][1] != {"COLOUR": "green"}:
        answer = provider.client.get("/function/echo")
        assert answer.status_code == 200, answer.text
        seen.append((answer.status_code, json_of(answer)["env"]))

    assert {status for status, _ in seen} == {200}
    assert eventually(lambda: list(provider.workloads()) == ["echo.2.0"])


def test_an_update_that_fails_keeps_the_old_serving_and_says_why(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready()

    provider.update(image="exit")

    assert eventually(lambda: provider.state() == "degraded")
    assert "exited with status 0" in provider.reason()
    assert provider.client.get("/function/echo").status_code == 200
    assert provider.status()["availableReplicas"] == 1


def test_after_a_failed_update_the_next_one_works_and_the_failed_is_gone(
    provider: RunningProvider,
) -> None:
    provider.deploy_ready()
    provider.update(image="exit")
    assert eventually(lambda: provider.state() == "degraded")

    provider.update(envVars={"FIXED": "1"})

    assert eventually(lambda: provider.state() == "ready")
    assert eventually(lambda: list(provider.workloads()) == ["echo.3.0"])


def test_asleep_keeps_container_and_address_and_wakes_by_scale(provider: RunningProvider) -> None:
    provider.deploy_ready()
    before = provider.address()

    assert provider.scale("echo", 0).status_code == 202
    assert eventually(lambda: provider.running() == [])
    assert provider.state() == "asleep"
    assert provider.workloads()["echo.1.0"].address == before
    provider.scale("echo", 1)

    assert eventually(lambda: provider.state() == "ready")
    assert provider.address() == before


def test_several_replicas_run_in_different_shim_groups(provider: RunningProvider) -> None:
    provider.deploy_ready(labels={"com.openfaas.scale.min": "3"})

    groups = {each.record.shim_group for each in provider.workloads().values()}

    assert provider.status()["availableReplicas"] == 3
    assert len(groups) == 3


def test_scaling_down_removes_the_highest_replicas(provider: RunningProvider) -> None:
    provider.deploy_ready(labels={"com.openfaas.scale.min": "3"})

    provider.scale("echo", 1)

    assert eventually(lambda: list(provider.workloads()) == ["echo.1.0"])


def test_no_more_replicas_than_the_label_allows(provider: RunningProvider) -> None:
    provider.deploy_ready(labels={"com.openfaas.scale.max": "2"})

    assert provider.scale("echo", 9).status_code == 202

    assert provider.status()["replicas"] == 2


def test_redeployed_function_keeps_its_scale_and_its_birthday(provider: RunningProvider) -> None:
    provider.deploy_ready()
    provider.scale("echo", 2)
    born = provider.status()["createdAt"]

    provider.update(envVars={"A": "1"})

    assert provider.status()["replicas"] == 2
    assert provider.status()["createdAt"] == born


def test_removed_function_leaves_nothing_and_its_name_is_free(provider: RunningProvider) -> None:
    provider.deploy_ready()

    assert provider.delete().status_code == 202
    assert provider.client.get("/system/function/echo").status_code == 404
    assert provider.client.get("/function/echo").status_code == 404
    assert eventually(provider.is_empty)

    provider.deploy_ready()
    assert list(provider.workloads()) == ["echo.2.0"]


def test_deleted_and_deployed_again_at_once_it_ends_up_as_wanted(
    provider: RunningProvider,
) -> None:
    for number in range(5):
        provider.deploy(envVars={"N": str(number)})
        provider.delete()
    provider.deploy_ready(envVars={"N": "last"})

    assert eventually(lambda: len(provider.workloads()) == 1)
    assert json_of(provider.client.get("/function/echo"))["env"] == {"N": "last"}
