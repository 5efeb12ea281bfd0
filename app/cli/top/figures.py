"""How a service does, and its models: the figures of a view. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harmo.app.cli.top.view import View

_QUIET = frozenset(
    {
        *("/livez", "/readyz", "/metrics", "/recipes", "/recipes/{name}", "/scorers"),
        *("/", "/docs", "/openapi.json", "unmatched"),
    }
)
"""Routes that score nothing: probes and pages would hide how long scoring takes."""


@dataclass(frozen=True, slots=True)
class Filled:
    """How much of a limit is taken."""

    taken: float | None
    limit: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One hosted model. None is what this version of the service does not say."""

    name: str
    rung: str
    device: str
    ready: bool
    queued: float | None
    """Completions that wait for it."""
    wait_p95_s: float | None
    batch_tokens: float | None
    """Mean of a batch."""
    forward_s: float | None
    """Mean of a batch."""
    tokens_per_s: float | None
    """What the completions have when each is scored alone."""
    saved_share: float | None
    """Of those tokens, what did not have to be computed; below 0 where padding cost more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Traffic, latency and load. None is what this version of the service does not say."""

    requests_per_s: float
    errors_per_s: float
    """Of them, answered 500 or 504: ours."""
    completions_per_s: float
    tokens_per_s: float | None
    """Through models; a service of rules alone counts none."""
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None
    completions: Filled
    waiting: Filled
    memory_bytes: Filled
    workers: Filled
    """Busy, of all."""
    worker_queue: float | None
    oldest_s: float | None
    """Of what waits for a worker."""
    worker_kills_per_s: float
    lag_p99_s: float | None
    shed_per_s: Mapping[str, float]
    """By reason, where any."""
    models: tuple[Model, ...]


def service(view: View) -> Service:
    """The figures of one service, or of several together."""
    codes = {
        key: rate
        for key, rate in view.rates("harmo_http_requests_total", "route", "code").items()
        if key[0] not in _QUIET
    }
    latency = view.quantiles(
        "harmo_http_request_duration_seconds",
        (0.5, 0.95, 0.99),
        where=lambda found: found.get("route") not in _QUIET,
    )
    p50_s, p95_s, p99_s = latency.get("", (None, None, None))
    models = _models(view)
    tokens = [model.tokens_per_s for model in models if model.tokens_per_s is not None]
    shed = view.rates("harmo_requests_shed_total", "reason")
    return Service(
        requests_per_s=sum(codes.values()),
        errors_per_s=sum(rate for (_, code), rate in codes.items() if code in ("500", "504")),
        completions_per_s=view.rate("harmo_completions_total") or 0.0,
        tokens_per_s=sum(tokens) if tokens else None,
        p50_s=p50_s,
        p95_s=p95_s,
        p99_s=p99_s,
        completions=_filled(view, "harmo_completions_in_flight"),
        waiting=_filled(view, "harmo_waiting_members"),
        memory_bytes=_filled(view, "harmo_bytes_in_flight"),
        workers=_workers(view),
        worker_queue=view.level("harmo_worker_queue_samples"),
        oldest_s=view.highest("harmo_worker_queue_oldest_age_seconds"),
        worker_kills_per_s=view.rate("harmo_worker_kills_total") or 0.0,
        lag_p99_s=view.quantiles("harmo_event_loop_lag_seconds", (0.99,)).get("", [None])[0],
        shed_per_s={reason: rate for (reason,), rate in shed.items() if rate > 0.0},
        models=models,
    )


def _filled(view: View, name: str) -> Filled:
    return Filled(view.level(name), view.level(f"{name}_limit"))


def _workers(view: View) -> Filled:
    states = view.levels("harmo_workers", "state")
    if not states:
        return Filled(None, None)
    return Filled(states.get(("busy",), 0.0), sum(states.values()))


def _models(view: View) -> tuple[Model, ...]:
    waits = view.quantiles("harmo_model_queue_wait_seconds", (0.95,), "model")
    batch = _mean(view, "harmo_model_batch_tokens")
    forward = _mean(view, "harmo_model_forward_seconds")
    queued = view.levels("harmo_model_queue_completions", "model")
    ready = view.levels("harmo_model_ready", "model")
    kinds = view.rates("harmo_model_tokens_total", "model", "kind")
    batched = view.rates("harmo_model_batch_tokens_sum", "model")
    models = {}
    for name, rung, device in sorted(view.levels("harmo_model_info", "model", "rung", "device")):
        real, forwarded = kinds.get((name, "real")), kinds.get((name, "forwarded"))
        models[name] = Model(
            name=name,
            rung=rung,
            device=device,
            ready=ready.get((name,), 1.0) > 0.0,
            queued=queued.get((name,)),
            wait_p95_s=waits.get(name, [None])[0],
            batch_tokens=batch.get(name),
            forward_s=forward.get(name),
            tokens_per_s=batched.get((name,)) if real is None else real,
            saved_share=None if not real or forwarded is None else 1.0 - forwarded / real,
        )
    return tuple(models.values())


def _mean(view: View, name: str) -> dict[str, float]:
    """A histogram's mean by model, where anything was counted."""
    counts = view.rates(f"{name}_count", "model")
    sums = view.rates(f"{name}_sum", "model")
    return {key[0]: sums[key] / n for key, n in counts.items() if n > 0.0 and key in sums}
