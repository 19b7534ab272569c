"""What the gateway scales functions by, where their label says cpu."""

from tests.unit.provider.running import RunningProvider, json_of

BY_CPU = {"com.openfaas.scale.type": "cpu", "com.openfaas.scale.min": "2"}


def test_only_functions_that_are_scaled_by_it_are_told_of(provider: RunningProvider) -> None:
    provider.deploy_ready("busy", labels=BY_CPU)
    provider.deploy_ready("other", labels={"com.openfaas.scale.type": "rps"})
    provider.deploy_ready("plain")

    told = json_of(provider.client.get("/system/cpu"))

    assert told.keys() == {"busy.openfaas-fn"}
    assert told["busy.openfaas-fn"].keys() == {"busy.1.0", "busy.1.1"}
    assert all(type(spent) is int for spent in told["busy.openfaas-fn"].values())


def test_what_sleeps_is_not_told_of(provider: RunningProvider) -> None:
    provider.deploy_ready("busy", labels=BY_CPU)
    provider.scale("busy", 0)

    assert json_of(provider.client.get("/system/cpu")) == {}
