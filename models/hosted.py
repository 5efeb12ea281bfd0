"""A hosted reward model: tokenise in threads, batch across requests, forward on the device."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import torch

from harmo.models.allocator import keep_freed_memory
from harmo.models.base import Conversations, Fault, Load, ModelCard, ModelScore, Rung, busiest
from harmo.models.batcher import Batcher, Observer
from harmo.models.checkpoint.loader import LoadedModel
from harmo.models.forward.backbone import Backbone
from harmo.models.forward.rungs import values
from harmo.models.forward.selftest import Subject, choose_rung, probe_groups, require_deterministic
from harmo.models.forward.token_group import TokenGroup
from harmo.models.forward.tokenise import Tokeniser


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceBudget:
    """How much one device is given at a time."""

    max_batch_tokens: int
    """Budget of one forward pass, in shared tokens."""
    max_queue_tokens: int
    """What may wait before callers are turned away."""


class HostedModel:
    """A reward model on one or more devices; implements `models.base.RewardModel`."""

    def __init__(self, card: ModelCard, tokeniser: Tokeniser, replicas: Sequence[Replica]) -> None:
        self._card = card
        self._tokeniser = tokeniser
        self._replicas = replicas
        self._tokenisers = ThreadPoolExecutor(
            max_workers=min(8, os.cpu_count() or 1), thread_name_prefix=f"{card.name}-tokenise"
        )

    @property
    def card(self) -> ModelCard:
        return self._card

    async def score(
        self, group: Conversations, *, deadline_s: float | None = None
    ) -> list[ModelScore]:
        self._idlest().check_room()
        loop = asyncio.get_running_loop()
        tokenised = await loop.run_in_executor(self._tokenisers, self._tokeniser.tokenise, group)
        members: list[ModelScore] = []
        if tokenised.group is not None:
            members = await self._forwarded(tokenised.group, deadline_s)
        return [row if isinstance(row, ModelScore) else members[row] for row in tokenised.rows]

    def load(self) -> Load:
        return busiest(replica.batcher.load() for replica in self._replicas)

    async def shown(self, group: Conversations) -> list[Mapping[str, object]]:
        loop = asyncio.get_running_loop()
        read = await loop.run_in_executor(self._tokenisers, self._tokeniser.shown, group)
        return [{**each, "rung": self._card.rung.value} if each else {} for each in read]

    def _idlest(self) -> Batcher[TokenGroup]:
        batchers = [replica.batcher for replica in self._replicas]
        return min(batchers, key=lambda batcher: batcher.load_tokens)

    async def _forwarded(self, group: TokenGroup, deadline_s: float | None) -> list[ModelScore]:
        answers: list[Future[list[ModelScore]]] = []
        try:
            for piece in group.pieces(self._replicas[0].max_batch_tokens):
                answer = self._idlest().submit(piece, deadline_s=deadline_s)
                answers.append(answer)
            scored = [await asyncio.wrap_future(answer) for answer in answers]
        finally:
            # A caller that left, or a piece that found no room, takes the other pieces with it.
            for answer in answers:
                answer.cancel()
        return [score for scores in scored for score in scores]

    async def close(self) -> None:
        self._tokenisers.shutdown(wait=False, cancel_futures=True)
        closing = (asyncio.to_thread(replica.batcher.close) for replica in self._replicas)
        await asyncio.gather(*closing)


class Replica:
    """One copy of a model on its device, with its batcher."""

    def __init__(
        self,
        loaded: LoadedModel,
        backbone: Backbone,
        rung: Rung,
        budget: DeviceBudget,
        *,
        observer: Observer | None = None,
    ) -> None:
        self.max_batch_tokens = budget.max_batch_tokens
        self._loaded = loaded
        self._backbone = backbone
        self._rung = rung
        self.batcher: Batcher[TokenGroup] = Batcher(
            self._scores,
            max_batch_tokens=budget.max_batch_tokens,
            max_queue_tokens=budget.max_queue_tokens,
            observer=observer,
            name=f"{loaded.name}-{loaded.device}",
        )

    def _scores(self, groups: Sequence[TokenGroup]) -> list[list[ModelScore]]:
        try:
            return self._scored(groups)
        except RuntimeError as error:
            if _out_of_memory(error):
                raise MemoryError(str(error)) from None
            raise

    @torch.inference_mode()
    def _scored(self, groups: Sequence[TokenGroup]) -> list[list[ModelScore]]:
        values_MK = values(
            self._backbone,
            self._loaded.head,
            self._rung,
            groups,
            max_tokens=self.max_batch_tokens,
        )
        rows = iter(values_MK.tolist())
        return [[self._score(next(rows)) for _ in range(len(group))] for group in groups]

    def _score(self, raw: list[float]) -> ModelScore:
        if not all(map(math.isfinite, raw)):
            return ModelScore(fault=Fault.NON_FINITE)
        return ModelScore(values=self._loaded.manifest.transformed(raw))


def serve(
    *copies: LoadedModel,
    max_batch_tokens: int | None = None,
    max_queue_tokens: int | None = None,
    deterministic: bool = False,
    observer: Observer | None = None,
) -> HostedModel:
    """A reward model that scores, on the fastest rung that agrees with one at a time.

    Args:
        *copies: The model; or the same one several times, each on a device of its own.
        max_batch_tokens: Shared tokens in one forward pass; default 4096 on a CPU, 32768 elsewhere.
        max_queue_tokens: Shared tokens that may wait per device; default 64 batches.
        deterministic: Whether a score must be the same to the bit in any company; slower.
        observer: Counts queue waits, batches and splits.

    Returns:
        The model behind its batchers; close it when done.

    Raises:
        ValueError: If there is no copy, or they are of different models.
        NotDeterministicError: If `deterministic` is asked of a model that is not.
    """
    if not copies or len({copy.version for copy in copies}) > 1:
        raise ValueError(f"copies must be of one model, got {[copy.name for copy in copies]}")
    first = copies[0]
    if any(copy.device.type == "cpu" for copy in copies):
        keep_freed_memory()
    budget = _budget(first.device, max_batch_tokens, max_queue_tokens)
    tokeniser = Tokeniser(first.tokenizer, first.manifest, first.head, processor=first.processor)
    backbones = [Backbone(copy.backbone, device=copy.device) for copy in copies]
    subject = _subject(first, backbones[0], tokeniser, budget.max_batch_tokens)
    rung = require_deterministic(subject) if deterministic else choose_rung(subject)
    replicas = [
        Replica(copy, backbone, rung, budget, observer=observer)
        for copy, backbone in zip(copies, backbones, strict=True)
    ]
    return HostedModel(_card(copies, rung), tokeniser, replicas)


def _budget(
    device: torch.device, max_batch_tokens: int | None, max_queue_tokens: int | None
) -> DeviceBudget:
    batch_tokens = max_batch_tokens or (4096 if device.type == "cpu" else 32768)
    return DeviceBudget(
        max_batch_tokens=batch_tokens, max_queue_tokens=max_queue_tokens or 64 * batch_tokens
    )


def _subject(
    loaded: LoadedModel, backbone: Backbone, tokeniser: Tokeniser, max_tokens: int
) -> Subject:
    window = getattr(backbone.decoder.config, "sliding_window", None)
    groups = probe_groups(tokeniser, images=loaded.manifest.images, window=window)
    return Subject(backbone=backbone, head=loaded.head, groups=tuple(groups), max_tokens=max_tokens)


def _card(copies: Sequence[LoadedModel], rung: Rung) -> ModelCard:
    first = copies[0]
    return ModelCard(
        name=first.name,
        head=first.manifest.head,
        aspects=first.manifest.aspects,
        meaning=first.manifest.meaning,
        images=first.manifest.images,
        max_tokens=first.manifest.max_tokens,
        rung=rung,
        version=first.version,
        device=", ".join(str(copy.device) for copy in copies),
    )


def _out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
