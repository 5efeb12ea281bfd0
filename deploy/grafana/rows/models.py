"""Hosted models and their devices."""

from __future__ import annotations

from deploy.grafana.panels import (
    COUNT,
    PLAIN,
    RATIO,
    SECONDS,
    About,
    Panel,
    Query,
    distribution,
    lines,
    rows,
    states,
)
from deploy.grafana.queries import ON, quantile, rate


def panels() -> list[Panel]:
    """The row, from left to right."""
    buckets = f"increase(harmo_model_batch_tokens_bucket{{{ON}}}[$__rate_interval])"
    memory = "harmo_gpu_memory"
    return [
        rows(
            About(
                title="Models",
                shows="Each model, its head, the way it shares work (rung), and where it runs.",
                wrong="a rung below `tree` is exact but slower: the log of the start says why.",
                unit=PLAIN,
                width=12,
                empty="no model",
            ),
            Query(f"sum by (instance, model, head, rung, device) (harmo_model_info{{{ON}}})"),
            {
                "model": "Model",
                "head": "Head",
                "rung": "Rung",
                "device": "Device",
                "instance": "Instance",
            },
        ),
        states(
            About(
                title="Models ready",
                shows="Whether each model can score.",
                wrong="the log says what it waits for; `/readyz` names a device that stands still.",
                unit=PLAIN,
                width=6,
                empty="no model",
            ),
            Query(f"min by (model) (harmo_model_ready{{{ON}}})", "{{model}}"),
            {"0": ("not ready", "red"), "1": ("ready", "green")},
        ),
        lines(
            About(
                title="Time to load",
                shows="How long a model took from disk to its first score.",
                wrong="startup probes must allow more than this.",
                unit=SECONDS,
                width=6,
                low=0,
                empty="no model",
            ),
            Query(f"max by (model) (harmo_model_load_seconds{{{ON}}})", "{{model}}"),
        ),
        lines(
            About(
                title="Time of a batch, p95",
                shows="Waiting for the device, tokenising, and the forward pass.",
                wrong="waiting: the device is full. Forward: batches are large, or a rung was"
                " lost.",
                unit=SECONDS,
                width=8,
                low=0,
                empty="no model",
            ),
            Query(
                quantile(0.95, "harmo_model_queue_wait_seconds", by="model"), "{{model}}, waiting"
            ),
            Query(
                quantile(0.95, "harmo_model_tokenize_seconds", by="model"), "{{model}}, tokenising"
            ),
            Query(quantile(0.95, "harmo_model_forward_seconds", by="model"), "{{model}}, forward"),
        ),
        lines(
            About(
                title="Tokens, real and forwarded",
                shows="What the completions have when each is scored alone, and what went through"
                " the model: shared prompts once, with padding.",
                wrong="forwarded above real is padding: look at the rung. Far below it is sharing"
                " at work.",
                unit="count:tok/s",
                width=8,
                low=0,
                empty="no model",
            ),
            Query(
                f"sum by (model, kind) ({rate('harmo_model_tokens_total')})", "{{model}}, {{kind}}"
            ),
        ),
        lines(
            About(
                title="Completions that wait for the device",
                shows="Completions in the models' queues.",
                wrong="a queue that never empties: another device or replica.",
                unit=COUNT,
                width=8,
                low=0,
                empty="no model",
            ),
            Query(f"sum by (model) (harmo_model_queue_completions{{{ON}}})", "{{model}}"),
        ),
        lines(
            About(
                title="Tokens that wait for the device",
                shows="Their tokens, prompts counted once a group.",
                wrong="a queue that never empties: another device or replica.",
                unit=COUNT,
                width=8,
                low=0,
                empty="no model",
            ),
            Query(f"sum by (model) (harmo_model_queue_tokens{{{ON}}})", "{{model}}"),
        ),
        distribution(
            About(
                title="Tokens in a batch",
                shows="How full batches are.",
                wrong="small ones under load: requests bring too few completions at once.",
                unit=COUNT,
                width=8,
                empty="no model",
            ),
            Query(
                f"sum by (le) ({buckets})",
                "{{le}}",
            ),
        ),
        lines(
            About(
                title="Completions in a batch",
                shows="How many completions share a forward pass.",
                wrong="few under load: groups come one at a time; send whole steps.",
                unit=COUNT,
                width=8,
                low=0,
                empty="no model",
            ),
            Query(quantile(0.5, "harmo_model_batch_completions", by="model"), "{{model}}, p50"),
            Query(quantile(0.95, "harmo_model_batch_completions", by="model"), "{{model}}, p95"),
        ),
        lines(
            About(
                title="Batches halved",
                shows="Batches a minute that did not fit into memory and were cut in two.",
                wrong="they cost time, no reward: free memory on the device, or lower the model's"
                " `max_tokens`.",
                unit="cpm",
                width=12,
                low=0,
                empty="no model",
            ),
            Query(f"60 * sum by (model) ({rate('harmo_model_oom_splits_total')})", "{{model}}"),
        ),
        lines(
            About(
                title="GPU memory",
                shows="Share of each device's memory that tensors take, and that is reserved.",
                wrong="reserved above 95% next to halved batches: something else is on the device.",
                unit=RATIO,
                width=12,
                limits={0.95: "red"},
                low=0,
                high=1,
                empty="no GPU",
            ),
            Query(
                f"max by (instance, device) ({memory}_allocated_bytes{{{ON}}}"
                f" / {memory}_total_bytes{{{ON}}})",
                "{{instance}}, {{device}}, tensors",
            ),
            Query(
                f"max by (instance, device) ({memory}_reserved_bytes{{{ON}}}"
                f" / {memory}_total_bytes{{{ON}}})",
                "{{instance}}, {{device}}, reserved",
            ),
        ),
    ]
