"""The Serve application: `import_path: harmo.app.ray_serve.application:app`."""

from __future__ import annotations

from ray import serve
from ray.serve import Application
from ray.serve.config import AutoscalingConfig, BackpressureConfig, RequestRouterConfig

from harmo.app.ray_serve.gateway import Gateway
from harmo.app.ray_serve.options import Hosted, Options, Share
from harmo.app.ray_serve.replica import ModelReplica

NAME, GATEWAY = "harmo", "gateway"
"""Of the application, and of the deployment that answers."""
AT_ONCE = 1024
"""Requests that one gateway, or groups that one model replica, takes: more than either admits
or batches, so that what is too much is refused by us, with a reason."""
QUEUED = 1024
"""What waits at a proxy, or at a gateway, for a replica to take it."""
DRAIN_S = 150.0
"""For what is in flight in a replica that is to end: longer than `deadline_ms`."""
UPSCALE_DELAY_S, DOWNSCALE_DELAY_S = 10.0, 300.0


def app(args: dict[str, object]) -> Application:
    """The gateways, with the models that they call.

    Args:
        args: See `Options`.

    Raises:
        pydantic.ValidationError: If they do not fit; names the field.
    """
    options = Options.model_validate(args)
    models = {name: _model(name, hosted) for name, hosted in options.models.items()}
    gateway = serve.deployment(serve.ingress()(Gateway), **_options(GATEWAY, options.gateway))
    # Pieces of one group meet on the replica that the hash of X-Harmo-Group names.
    router = RequestRouterConfig(
        request_router_class="ray.serve.experimental.consistent_hash_router.ConsistentHashRouter",
        request_router_kwargs={"num_fallback_replicas": 0},
    )
    refusal = BackpressureConfig(status_code=429, retry_after_s=1)
    gateway = gateway.options(request_router_config=router, backpressure_config=refusal)
    return gateway.bind(options.settings, models)


def _model(name: str, hosted: Hosted) -> Application:
    deployment = serve.deployment(ModelReplica, **_options(f"model-{name}", hosted))
    return deployment.bind(name, hosted.path, hosted.device)


def _options(name: str, share: Share) -> dict[str, object]:
    options: dict[str, object] = {
        "name": name,
        "num_replicas": share.replicas,
        "max_ongoing_requests": AT_ONCE,
        "max_queued_requests": QUEUED,
        "graceful_shutdown_timeout_s": DRAIN_S,
        "graceful_shutdown_wait_loop_s": 0.5,
        "health_check_period_s": 5.0,
        "ray_actor_options": {"num_cpus": share.num_cpus, "num_gpus": share.num_gpus},
        # One line a request, with its path; what a request may not be known by is in neither.
        "logging_config": {"enable_access_log": False},
    }
    if share.max_replicas is not None:
        options["num_replicas"] = None
        options["autoscaling_config"] = AutoscalingConfig(
            min_replicas=share.replicas,
            max_replicas=share.max_replicas,
            target_ongoing_requests=share.target_ongoing_requests,
            upscale_delay_s=UPSCALE_DELAY_S,
            downscale_delay_s=DOWNSCALE_DELAY_S,
        )
    return options
