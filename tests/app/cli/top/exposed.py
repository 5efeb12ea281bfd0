"""Expositions of a busy service, in the metric names that all dashboards rely on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harmo.app.cli.top.exposition import Scrape, parse

Labelled = Sequence[tuple[str, float]]

MATH = 'recipe="visual-math",run="exp-42",split="train"'
EVAL = 'recipe="visual-math",run="exp-42",split="eval"'
OCR = 'recipe="ocr",run="ocr-7b-sft-then-grpo",split="train"'
COLUMNS = ("model.similarity", "answer", "aspect.format", "length.cosine")


def histogram(name: str, labels: str, counts: Mapping[str, float], total: float) -> str:
    """One in the text format; counts are cumulative, by upper bound."""
    comma = "," if labels else ""
    lines = [f'{name}_bucket{{le="{le}"{comma}{labels}}} {n}' for le, n in counts.items()]
    braces = f"{{{labels}}}" if labels else ""
    count = list(counts.values())[-1]
    return "\n".join([*lines, f"{name}_count{braces} {count}", f"{name}_sum{braces} {total}"])


def of_a_run(labels: str, n: float, *, mean: float, unscored: float = 0.0) -> str:
    """What `n` groups of 8 leave."""
    scored = 8 * n * (1 - unscored)
    lines = [
        f'harmo_completions_total{{outcome="scored",{labels}}} {scored}',
        f'harmo_completions_total{{outcome="unscored",{labels}}} {8 * n - scored}',
        f"harmo_groups_total{{{labels}}} {n}",
        f"harmo_zero_variance_groups_total{{{labels}}} {0.25 * n}",
        f"harmo_reward_count{{{labels}}} {scored}",
        f"harmo_reward_above_zero_total{{{labels}}} {scored * (mean + 0.1)}",
        f"harmo_reward_below_zero_total{{{labels}}} {scored * 0.1}",
    ]
    if unscored:
        lines += [
            f'harmo_unscored_total{{reason="unreadable_image",{labels}}} {6 * n * unscored}',
            f'harmo_unscored_total{{reason="deadline",{labels}}} {2 * n * unscored}',
        ]
    for k, column in enumerate(COLUMNS):
        of = f'column="{column}",{labels}'
        lines += [
            f"harmo_score_count{{{of}}} {8 * n * 0.9}",
            f"harmo_score_above_zero_total{{{of}}} {8 * n * 0.9 * (0.2 + k / 5)}",
            f"harmo_score_below_zero_total{{{of}}} 0",
        ]
    abstained = f'cause="request",column="{COLUMNS[0]}",scorer="{COLUMNS[0]}",{labels}'
    lines.append(f'harmo_abstentions_total{{reason="no_reference",{abstained}}} {8 * n * 0.1}')
    return "\n".join(lines)


def signals(labels: str) -> str:
    """Of one recipe and run: some in, some out of their comfort zone."""
    shares = (0.18, 0.79, 0.01, 0.02)
    lines = [
        f'harmo_signal_reward_share{{column="{column}",{labels}}} {share}'
        for column, share in zip(COLUMNS, shares, strict=True)
    ]
    return "\n".join(
        [
            *lines,
            f'harmo_signal_model_auc{{column="{COLUMNS[0]}",{labels}}} 0.42',
            f'harmo_signal_fooled_ratio{{column="{COLUMNS[0]}",{labels}}} 0.02',
            f'harmo_signal_length_correlation{{column="reward",{labels}}} 0.71',
            f'harmo_signal_length_correlation{{column="length.cosine",{labels}}} -0.9',
            f"harmo_signal_duplicate_siblings_ratio{{{labels}}} 0.31",
            f"harmo_signal_truncated_ratio{{{labels}}} 0.04",
        ]
    )


def exposition(n: float, *, ready: bool = True, mean: float = 0.61) -> str:
    """What a service shows that has answered `n` requests."""
    buckets = {"0.01": 0.1 * n, "0.05": 0.6 * n, "0.1": 0.9 * n, "0.5": n, "+Inf": n}
    seconds = histogram("harmo_http_request_duration_seconds", 'route="/score"', buckets, 0.04 * n)
    probes = {"0.01": 50 * n, "+Inf": 50 * n}
    return "\n".join(
        [
            "# HELP harmo_ready 1 while /readyz answers 200",
            f"harmo_ready {float(ready)}",
            'harmo_build_info{version="0.1.0",config_sha="a1b2"} 1.0',
            f'harmo_http_requests_total{{code="200",method="POST",route="/score"}} {n}',
            f'harmo_http_requests_total{{code="500",method="POST",route="/score"}} {n / 100}',
            f'harmo_http_requests_total{{code="200",method="GET",route="/metrics"}} {50 * n}',
            seconds,
            histogram("harmo_http_request_duration_seconds", 'route="/livez"', probes, n),
            f'harmo_requests_shed_total{{reason="overloaded"}} {n / 50}',
            f'harmo_requests_shed_total{{reason="bytes"}} {n / 100}',
            'harmo_requests_shed_total{reason="waiting"} 0.0',
            "harmo_completions_in_flight 128.0",
            "harmo_completions_in_flight_limit 16384.0",
            "harmo_waiting_members 0.0",
            "harmo_waiting_members_limit 16384.0",
            f"harmo_bytes_in_flight {480 << 20}",
            f"harmo_bytes_in_flight_limit {512 << 20}",
            'harmo_workers{state="busy"} 2.0',
            'harmo_workers{state="idle"} 0.0',
            "harmo_worker_queue_samples 14.0",
            "harmo_worker_queue_oldest_age_seconds 0.21",
            histogram("harmo_event_loop_lag_seconds", "", {"0.005": n, "+Inf": n}, 0.001 * n),
            model(n),
            of_a_run(MATH, 8 * n, mean=mean),
            of_a_run(EVAL, 4.0, mean=0.5),
            of_a_run(OCR, n, mean=-0.02, unscored=0.05),
            signals('recipe="visual-math",run="exp-42"'),
            "",
        ]
    )


def model(n: float) -> str:
    """A hosted model that got through `n` batches."""
    of = 'model="reward"'
    waits = {"0.005": 0.9 * n, "0.05": n, "+Inf": n}
    return "\n".join(
        [
            f'harmo_model_info{{device="cuda:0",head="scalar",rung="tree",{of}}} 1.0',
            f"harmo_model_ready{{{of}}} 1.0",
            f"harmo_model_queue_completions{{{of}}} 24.0",
            histogram("harmo_model_queue_wait_seconds", of, waits, 0.01 * n),
            histogram("harmo_model_batch_tokens", of, {"8192": n, "+Inf": n}, 6000 * n),
            histogram("harmo_model_forward_seconds", of, {"0.1": n, "+Inf": n}, 0.08 * n),
            f'harmo_model_tokens_total{{kind="real",{of}}} {10_000 * n}',
            f'harmo_model_tokens_total{{kind="forwarded",{of}}} {6_000 * n}',
        ]
    )


def scrape(at_s: float, text: str) -> Scrape:
    """A look at that time."""
    return Scrape(at_s, parse(text))
