"""Figures of a service and of its models, where it says them and where it does not."""

from __future__ import annotations

import pytest

from harmo.app.cli.top.figures import Filled, service
from harmo.app.cli.top.view import View, between
from tests.app.cli.top.exposed import exposition, scrape


def seen(text_before: str, text_after: str) -> View:
    return View([between(scrape(0.0, text_before), scrape(10.0, text_after))])


def test_traffic_is_what_scores_not_what_probes() -> None:
    figures = service(seen(exposition(100), exposition(200)))
    assert figures.requests_per_s == pytest.approx(10.1)
    assert figures.errors_per_s == pytest.approx(0.1)
    assert figures.completions_per_s == pytest.approx((8 * 8 + 8) * 10)
    assert (figures.p50_s, figures.p95_s) == (pytest.approx(0.042), pytest.approx(0.3))
    assert figures.lag_p99_s == pytest.approx(0.00495)


def test_load_stands_beside_its_limit() -> None:
    figures = service(seen(exposition(100), exposition(200)))
    assert figures.completions == Filled(128.0, 16384.0)
    assert figures.workers == Filled(2.0, 2.0)
    assert (figures.worker_queue, figures.oldest_s) == (14.0, 0.21)


def test_only_reasons_that_shed_are_named() -> None:
    shed = service(seen(exposition(100), exposition(200))).shed_per_s
    assert shed == {"overloaded": pytest.approx(0.2), "bytes": pytest.approx(0.1)}


def test_a_model_says_what_its_batches_cost_and_what_sharing_saved() -> None:
    (model,) = service(seen(exposition(100), exposition(200))).models
    assert (model.name, model.rung, model.device, model.ready) == ("reward", "tree", "cuda:0", True)
    assert model.batch_tokens == pytest.approx(6000)
    assert model.forward_s == pytest.approx(0.08)
    assert model.tokens_per_s == pytest.approx(100_000)
    assert model.saved_share == pytest.approx(0.4)
    assert model.wait_p95_s == pytest.approx(0.0275)


def test_an_older_service_leaves_out_what_it_does_not_know() -> None:
    kept = ("http_requests", "completions_in_flight ", "model_info", "model_batch")
    old = [line for line in exposition(200).splitlines() if any(k in line for k in kept)]
    figures = service(seen("", "\n".join(old).replace('method="POST",', "")))
    assert figures.requests_per_s == pytest.approx(20.2)
    assert figures.completions == Filled(128.0, None)
    assert figures.workers == Filled(None, None)
    assert (figures.p50_s, figures.lag_p99_s, figures.worker_queue) == (None, None, None)
    (model,) = figures.models
    assert (model.queued, model.saved_share, model.ready) == (None, None, True)
    assert model.tokens_per_s == pytest.approx(6000 * 20), "what went through it, padding included"


def test_two_replicas_have_twice_the_traffic_and_the_same_latency() -> None:
    one = between(scrape(0.0, exposition(100)), scrape(10.0, exposition(200)))
    alone, both = service(View([one])), service(View([one, one]))
    assert both.requests_per_s == pytest.approx(2 * alone.requests_per_s)
    assert both.completions == Filled(256.0, 32768.0)
    assert (both.p95_s, both.oldest_s) == (alone.p95_s, alone.oldest_s)
