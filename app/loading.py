"""Models, encoders and tokenizers from settings; the only place where the service meets torch.

Imports are deferred: a service with rules alone never loads it.
"""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from pathlib import Path

from harmo.app.metrics import Metrics
from harmo.app.samples import TokenCounter
from harmo.models.base import Encoder, RewardModel


def load_model(source: str, *, device: str, metrics: Metrics) -> RewardModel:
    """A reward model from `DIR`, a hub id, or `NAME=` before either.

    Args:
        source: As given by the user.
        device: A torch device; `auto` uses every GPU there is, one replica each.
        metrics: Counts its batches.
    """
    import torch

    from harmo.models.checkpoint.loader import load
    from harmo.models.hosted import serve

    name, _, path = source.rpartition("=")
    devices = [device]
    if device == "auto" and torch.cuda.device_count() > 1:
        devices = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    replicas = [load(path, name=name or None, device=one) for one in devices]
    return serve(*replicas, observer=ModelObserver(metrics, replicas[0].name))


def load_encoder(source: str | None) -> Encoder:
    """An encoder from a directory, or the embedded one for None."""
    from harmo.models.encoder.similarity import load_encoder as load

    return load(source)


def token_counter(source: str) -> TokenCounter:
    """Counts a completion's tokens as the policy's tokenizer would, EOS included."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(source)

    def count(text: str) -> int:
        return len(tokenizer.encode(text, add_special_tokens=False)) + 1

    return count


def default_name(source: str) -> str:
    """What a model or encoder is called unless the user named it."""
    name, _, path = source.rpartition("=")
    return name or Path(path.partition("@")[0]).resolve().name


class ModelObserver:
    """Counts what one model's batcher does; called on its device thread."""

    def __init__(self, metrics: Metrics, model: str) -> None:
        self._queue_seconds = metrics.model_queue_seconds.labels(model)
        self._batch_tokens = metrics.model_batch_tokens.labels(model)
        self._forward_seconds = metrics.model_forward_seconds.labels(model)
        self._splits = metrics.model_splits.labels(model)

    def waited(self, seconds: float) -> None:
        """A piece of work left the queue."""
        self._queue_seconds.observe(seconds)

    def forwarded(self, tokens: int, seconds: float) -> None:
        """One batch ran."""
        self._batch_tokens.observe(tokens)
        self._forward_seconds.observe(seconds)

    def split_for_memory(self) -> None:
        """A batch was halved."""
        self._splits.inc()
