"""Hosted models and encoders: their queues, their batches, what they hold."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import Counter, Gauge, Histogram

from harmo.app.metrics.buckets import COMPLETIONS, SECONDS, SHORT_SECONDS, TOKENS
from harmo.app.metrics.exposition import Reading, Registry
from harmo.models.base import Load, ModelCard, Pass


class ModelMetrics:
    """What is counted of every hosted model and encoder, by its name."""

    def __init__(self, registry: Registry) -> None:
        self.loads: Callable[[], Mapping[str, Load]] = dict
        """How busy each is that is hosted, from any thread."""
        self._expected: tuple[str, ...] = ()
        self._info = Gauge(
            "harmo_model_info",
            "Hosted models",
            ["model", "head", "rung", "device"],
            registry=registry,
        )
        self._load_seconds = Gauge(
            "harmo_model_load_seconds",
            "What it took to load a model and try it",
            ["model"],
            registry=registry,
        )
        self._add_queue(registry)
        self._add_batches(registry)

    def _add_queue(self, registry: Registry) -> None:
        self.queue_seconds = Histogram(
            "harmo_model_queue_wait_seconds",
            "Wait of a group before its model takes it",
            ["model"],
            buckets=SECONDS,
            registry=registry,
        )

        def gauge(name: str, documentation: str, read: Callable[[], Mapping[str, float]]) -> None:
            of = Reading(name, documentation, "model", registry=registry, in_thread=True)
            of.read = lambda: {(model,): value for model, value in read().items()}

        gauge("harmo_model_ready", "1 while a model scores", self._ready)
        gauge(
            "harmo_model_queue_completions",
            "Completions waiting for a model",
            lambda: {model: float(load.completions) for model, load in self.loads().items()},
        )
        gauge(
            "harmo_model_queue_tokens",
            "Tokens waiting for a model; estimated for what is not tokenised",
            lambda: {model: float(load.tokens) for model, load in self.loads().items()},
        )
        gauge(
            "harmo_model_queue_oldest_age_seconds",
            "How long the group has waited that waits longest for a model; 0 if none does",
            lambda: {model: load.oldest_s for model, load in self.loads().items()},
        )

    def _add_batches(self, registry: Registry) -> None:
        def histogram(name: str, documentation: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(name, documentation, ["model"], buckets=buckets, registry=registry)

        self.tokenize_seconds = histogram(
            "harmo_model_tokenize_seconds", "Time to tokenise a group", SHORT_SECONDS
        )
        self.forward_seconds = histogram("harmo_model_forward_seconds", "Time per batch", SECONDS)
        self.batch_tokens = histogram("harmo_model_batch_tokens", "Tokens per batch", TOKENS)
        self.batch_completions = histogram(
            "harmo_model_batch_completions", "Completions per batch", COMPLETIONS
        )
        self.tokens = Counter(
            "harmo_model_tokens",
            "Tokens of scored completions, each with its prompt, and tokens that went through",
            ["model", "kind"],
            registry=registry,
        )
        self.splits = Counter(
            "harmo_model_oom_splits", "Batches halved for memory", ["model"], registry=registry
        )

    def expect(self, name: str) -> None:
        """Say that a model is going to be loaded: it is not ready until it is hosted."""
        self._expected += (name,)

    @contextmanager
    def loading(self, name: str) -> Iterator[None]:
        """Time how long a model takes to load and to be tried."""
        self.expect(name)
        began_s = time.monotonic()
        yield
        self._load_seconds.labels(name).set(time.monotonic() - began_s)

    def hosted(self, cards: Iterable[ModelCard]) -> None:
        """Say what is hosted, on which rung and device."""
        for card in cards:
            self._info.labels(card.name, card.head, card.rung, card.device).set(1)

    def _ready(self) -> Mapping[str, float]:
        loads = self.loads()
        return dict.fromkeys(self._expected, 0.0) | {
            name: float(not load.fault) for name, load in loads.items()
        }


class ModelObserver:
    """Counts what one model or encoder does; called from any thread."""

    def __init__(self, metrics: ModelMetrics, name: str) -> None:
        self._queue_seconds = metrics.queue_seconds.labels(name)
        self._tokenize_seconds = metrics.tokenize_seconds.labels(name)
        self._batch_tokens = metrics.batch_tokens.labels(name)
        self._batch_completions = metrics.batch_completions.labels(name)
        self._forward_seconds = metrics.forward_seconds.labels(name)
        self._real = metrics.tokens.labels(name, "real")
        self._forwarded = metrics.tokens.labels(name, "forwarded")
        self._splits = metrics.splits.labels(name)

    def waited(self, seconds: float) -> None:
        """A group left the queue."""
        self._queue_seconds.observe(seconds)

    def tokenised(self, seconds: float) -> None:
        """A group was tokenised."""
        self._tokenize_seconds.observe(seconds)

    def forwarded(self, ran: Pass) -> None:
        """One batch ran."""
        self._batch_tokens.observe(ran.tokens)
        self._batch_completions.observe(ran.completions)
        self._forward_seconds.observe(ran.seconds)
        self._forwarded.inc(ran.forwarded)

    def scored(self, tokens: int) -> None:
        """Completions were scored that have so many tokens, each with its prompt."""
        self._real.inc(tokens)

    def split_for_memory(self) -> None:
        """A batch was halved."""
        self._splits.inc()
