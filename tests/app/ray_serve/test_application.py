"""What of the options reaches Serve."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("ray.serve", reason="Ray is not installed: pip install 'harmo[ray]'")

from harmo.app.ray_serve.application import app


def deployments(**options: object) -> dict[str, Any]:
    """The application's, by name."""
    gateway = app(options)._bound_deployment
    _, models = gateway.init_args
    bound = [gateway, *(each._bound_deployment for each in models.values())]
    return {each.name: each for each in bound}


def test_a_model_has_its_share_of_gpus_and_replicas() -> None:
    given = {"path": "/rm", "replicas": 2, "num_gpus": 0.5, "num_cpus": 2}
    model = deployments(models={"rm": given})["model-rm"]
    assert model.num_replicas == 2
    assert model.ray_actor_options == {"num_cpus": 2.0, "num_gpus": 0.5}
    assert model.init_args == ("rm", "/rm", "auto")


def test_two_numbers_of_replicas_mean_autoscaling_between_them() -> None:
    gateway = deployments(gateway={"replicas": 2, "max_replicas": 8})["gateway"]
    scaling = gateway._deployment_config.autoscaling_config
    assert (scaling.min_replicas, scaling.max_replicas) == (2, 8)
    assert scaling.target_ongoing_requests == 16


def test_groups_keep_to_one_gateway_however_busy_it_is() -> None:
    config = deployments()["gateway"]._deployment_config.request_router_config
    assert config.request_router_class.endswith("ConsistentHashRouter")
    assert config.request_router_kwargs == {"num_fallback_replicas": 0}


def test_a_replica_is_given_longer_to_end_than_a_request_may_take() -> None:
    deadline_s = 120
    assert all(
        each._deployment_config.graceful_shutdown_timeout_s > deadline_s
        for each in deployments(models={"rm": {"path": "/rm"}}).values()
    )
