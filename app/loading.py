"""What the settings name, loaded and hosted; the only place where the service meets torch.

Imports are deferred: a service with rules alone never loads it.
"""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from harmo.app.hosting import EMBEDDED, Hosting, TokenCounter
from harmo.app.metrics import Metrics
from harmo.app.metrics.models import ModelMetrics, ModelObserver
from harmo.app.sandbox import SandboxFusion
from harmo.app.settings import Settings
from harmo.models.base import Encoder, RewardModel


async def host(
    settings: Settings, hosting: Hosting, metrics: Metrics, *, wants_encoder: bool
) -> None:
    """Load models, encoders, sandbox and tokenizer off the event loop; what is hosted stays.

    Args:
        settings: Names them, and the device.
        hosting: Takes them.
        metrics: Counts the batches of every model and encoder.
        wants_encoder: True if something reads the embedded encoder.

    Raises:
        ValueError: If two of them share a name, or one cannot be hosted; says why.
    """
    models = [name_and_path(source) for source in settings.models]
    encoders = [name_and_path(source) for source in settings.encoders]
    _refuse_shared_names(
        [*hosting.models, *(name for name, _ in models)],
        [*hosting.encoders, *(name for name, _ in encoders)],
    )
    for name, _ in (*models, *encoders):
        metrics.models.expect(name)
    for name, path in models:
        hosting.models[name] = await asyncio.to_thread(
            load_model, path, name=name, device=settings.device, metrics=metrics.models
        )
    for name, path in encoders:
        hosting.encoders[name] = await asyncio.to_thread(
            load_encoder, path, name=name, device=settings.device, metrics=metrics.models
        )
    if wants_encoder and EMBEDDED not in hosting.encoders:
        hosting.encoders[EMBEDDED] = await asyncio.to_thread(
            load_encoder, None, name=None, device=settings.device, metrics=metrics.models
        )
    _refuse_shared_names(
        [model.card.name for model in hosting.models.values()],
        [encoder.card.name for encoder in hosting.encoders.values()],
    )
    if settings.sandbox_url and hosting.sandbox is None:
        hosting.sandbox = SandboxFusion(settings.sandbox_url)
    if settings.tokenizer:
        hosting.count_tokens = await asyncio.to_thread(token_counter, settings.tokenizer)


def name_and_path(source: str) -> tuple[str, str]:
    """What a model or encoder is hosted as, and its directory or hub id.

    Args:
        source: `DIR`, a hub id, or `NAME=` before either.
    """
    given, equals, path = source.partition("=")
    if equals and given and "/" not in given:
        return given, path
    directory = Path(source).expanduser()
    if directory.is_dir():
        return directory.resolve().name, source
    return source.partition("@")[0].rpartition("/")[2], source


def _refuse_shared_names(models: Sequence[str], encoders: Sequence[str]) -> None:
    """Cards, metrics and `/readyz` know what is hosted by its name alone."""
    kinds = [(name, "model") for name in models] + [(name, "encoder") for name in encoders]
    seen: dict[str, str] = {}
    for name, kind in kinds:
        if name in seen:
            both = f"two {kind}s" if seen[name] == kind else "a model and an encoder"
            raise ValueError(f"{both} are named {name!r}; name them apart with NAME=DIR")
        seen[name] = kind


def load_model(path: str, *, name: str, device: str, metrics: ModelMetrics) -> RewardModel:
    """A reward model from a directory or hub id.

    Args:
        path: Where it is.
        name: What its card and columns say.
        device: A torch device; `auto` uses every GPU there is, one copy each.
        metrics: Counts its batches.
    """
    import torch

    from harmo.models.checkpoint.loader import load
    from harmo.models.hosted import serve

    devices = [device]
    if device == "auto" and torch.cuda.device_count() > 1:
        devices = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    with metrics.loading(name):
        copies = [load(path, name=name, device=one) for one in devices]
        return serve(*copies, observer=ModelObserver(metrics, name))


def load_encoder(
    path: str | None, *, name: str | None, device: str, metrics: ModelMetrics
) -> Encoder:
    """An encoder from a directory or hub id, or the embedded one.

    Args:
        path: Where it is; None for the embedded one.
        name: What its card says; None for the embedded one's own name.
        device: A torch device.
        metrics: Counts its batches.
    """
    from harmo.models.encoder import similarity

    name = name or similarity.EMBEDDED_NAME
    observer = ModelObserver(metrics, name)
    with metrics.loading(name):
        return similarity.load_encoder(path, name=name, device=device, observer=observer)


def token_counter(source: str) -> TokenCounter:
    """Counts a completion's tokens as the policy's tokenizer would, EOS included.

    Args:
        source: Directory or hub id.

    Raises:
        ValueError: If there is no tokenizer.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())[:300]
        raise ValueError(f"tokenizer {source!r}: {why}") from None

    def count(text: str) -> int:
        return len(tokenizer.encode(text, add_special_tokens=False)) + 1

    return count
