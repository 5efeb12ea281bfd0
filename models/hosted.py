"""A hosted reward model: tokenise in threads, batch across requests, forward on the device."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial

import torch

from harmo.models.allocator import keep_freed_memory
from harmo.models.base import (
    Conversations,
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
from harmo.models.checkpoint.loader import LoadedModel
from harmo.models.forward.backbone import Backbone
from harmo.models.forward.rungs import values
from harmo.models.forward.selftest import Subject, choose_rung, probe_groups, require_deterministic
from harmo.models.forward.token_group import TokenGroup
from harmo.models.forward.tokenise import Tokenised, Tokeniser
from harmo.models.room import CHARACTERS_PER_TOKEN, Backlog, Room, Waiting
from harmo.models.threads import Caller, Threads

IMAGE_CHARACTERS = 100_000
"""An image counts as so many: its pixels are in memory until it is scored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceBudget:
    """How much one device is given at a time."""

    max_batch_tokens: int
    """Budget of one forward pass, in shared tokens."""
    max_ready_characters: int
    """Of the groups that are tokenised ahead of the device; the others wait as they came."""


class HostedModel:
    """A reward model on one or more devices; implements `models.base.RewardModel`.

    Groups wait in order of arrival for their turn to be tokenised, and then for a device. What
    nobody waits for any more is dropped wherever it is.
    """

    def __init__(
        self,
        card: ModelCard,
        tokeniser: Tokeniser,
        replicas: Sequence[Replica],
        *,
        room: Room,
        observer: Observer,
    ) -> None:
        self._card = card
        self._tokeniser = tokeniser
        self._replicas = replicas
        self._room = room
        self._observer = observer
        self._backlog = Backlog(observer)
        places = min(8, os.cpu_count() or 1)
        self._threads = Threads(f"{card.name}-tokenise", places=places)

    @property
    def card(self) -> ModelCard:
        return self._card

    async def score(
        self, group: Conversations, *, deadline_s: float | None = None
    ) -> list[ModelScore]:
        characters = _characters(group)
        with self._backlog.enter(len(group.completions), characters) as waiting:
            work = partial(self._score, group, waiting)
            scores = await self._room.in_turn(characters, work, deadline_s=deadline_s)
        if scores is None:
            return [ModelScore(fault=Fault.DEADLINE)] * len(group.completions)
        return scores

    async def _score(
        self, group: Conversations, waiting: Waiting, caller: Caller
    ) -> list[ModelScore]:
        tokenise = partial(self._tokenised, group, waiting, caller)
        tokenised = await asyncio.wrap_future(self._threads.submit(tokenise))
        members: list[ModelScore] = []
        if tokenised.group is not None:
            members = await self._forwarded(tokenised.group, waiting, caller.deadline_s)
            alone = [
                0 if score.fault else n
                for score, n in zip(members, tokenised.group.lengths, strict=True)
            ]
            self._observer.scored(sum(alone[row] for row in tokenised.rows if isinstance(row, int)))
        return [row if isinstance(row, ModelScore) else members[row] for row in tokenised.rows]

    def _tokenised(self, group: Conversations, waiting: Waiting, caller: Caller) -> Tokenised:
        """Its tokens, in a thread."""
        began_s = time.monotonic()
        tokenised = self._tokeniser.tokenise(group, caller=caller)
        tokens = tokenised.group.tokens if tokenised.group is not None else 0
        waiting.tokenised(time.monotonic() - began_s, tokens)
        return tokenised

    def load(self) -> Load:
        waiting = self._room.waiting / CHARACTERS_PER_TOKEN / len(self._replicas)
        each = self._backlog.each_tokens / len(self._replicas)
        loads = [
            replica.batcher.load(ahead_tokens=waiting, each_tokens=each)
            for replica in self._replicas
        ]
        fault = busiest([*loads, self._threads.load()]).fault
        backlog_s = min(load.backlog_s for load in loads)
        completion_s = min(load.completion_s for load in loads)
        own = self._backlog.load()
        return replace(own, backlog_s=backlog_s, completion_s=completion_s, fault=fault)

    async def shown(self, group: Conversations) -> list[Mapping[str, object]]:
        show = partial(self._tokeniser.shown, group)
        async with self._room.taken(_characters(group)):
            read = await asyncio.wrap_future(self._threads.submit(show))
        return [{**each, "rung": self._card.rung.value} if each else {} for each in read]

    def _idlest(self) -> Batcher[TokenGroup]:
        """Where least waits, of the devices that work if any do."""
        batchers = [replica.batcher for replica in self._replicas]
        return min(batchers, key=lambda each: (bool(each.load().fault), each.load_tokens))

    async def _forwarded(
        self, group: TokenGroup, waiting: Waiting, deadline_s: float | None
    ) -> list[ModelScore]:
        answers: list[Future[list[ModelScore]]] = []
        try:
            for piece in group.pieces(self._replicas[0].max_batch_tokens):
                answer = self._idlest().submit(piece, deadline_s=deadline_s, begun=waiting.begin)
                answers.append(answer)
            scored = [await asyncio.wrap_future(answer) for answer in answers]
        finally:
            # A caller that left, or a piece that failed, takes the other pieces with it.
            for answer in answers:
                answer.cancel()
        return [score for scores in scored for score in scores]

    async def close(self) -> None:
        self._threads.close()
        closing = (asyncio.to_thread(replica.batcher.close) for replica in self._replicas)
        await asyncio.gather(*closing)


def _characters(group: Conversations) -> int:
    """What a group takes up, in characters."""
    turns = [*group.prompt, *(turn for completion in group.completions for turn in completion)]
    texts = sum(len(part) for turn in turns for part in turn.parts if isinstance(part, str))
    arguments = sum(len(call.arguments) for turn in turns for call in turn.tool_calls)
    return texts + arguments + IMAGE_CHARACTERS * len(group.images)


class Replica:
    """One copy of a model on its device, with its batcher."""

    def __init__(
        self,
        loaded: LoadedModel,
        backbone: Backbone,
        rung: Rung,
        budget: DeviceBudget,
        *,
        observer: Observer,
    ) -> None:
        self.max_batch_tokens = budget.max_batch_tokens
        self._loaded = loaded
        self._backbone = backbone
        self._rung = rung
        self.batcher: Batcher[TokenGroup] = Batcher(
            self._scores,
            max_batch_tokens=budget.max_batch_tokens,
            observer=observer,
            forwarded_tokens=lambda: backbone.forwarded_tokens,
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
    max_ready_characters: int | None = None,
    deterministic: bool = False,
    observer: Observer | None = None,
) -> HostedModel:
    """A reward model that scores, on the fastest rung that agrees with one at a time.

    Args:
        *copies: The model; or the same one several times, each on a device of its own.
        max_batch_tokens: Shared tokens in one forward pass; default 4096 on a CPU, 32768 elsewhere.
        max_ready_characters: Characters of groups that are tokenised ahead of each device; default
            64 for each token of a batch.
        deterministic: Whether a score must be the same to the bit in any company; slower.
        observer: Counts queue waits, tokens, batches and splits.

    Returns:
        The model behind its batchers; close it when done.

    Raises:
        ValueError: If there is no copy, or they are of different models.
        NotDeterministicError: If `deterministic` is asked of a model that is not.
    """
    if not copies or len({copy.version for copy in copies}) > 1:
        raise ValueError(f"copies must be of one model, got {[copy.name for copy in copies]}")
    first, observer = copies[0], observer or Unobserved()
    if any(copy.device.type == "cpu" for copy in copies):
        keep_freed_memory()
    budget = _budget(first.device, max_batch_tokens, max_ready_characters)
    tokeniser = Tokeniser(first.tokenizer, first.manifest, first.head, processor=first.processor)
    backbones = [Backbone(copy.backbone, device=copy.device) for copy in copies]
    subject = _subject(first, backbones[0], tokeniser, budget.max_batch_tokens)
    rung = require_deterministic(subject) if deterministic else choose_rung(subject)
    replicas = [
        Replica(copy, backbone, rung, budget, observer=observer)
        for copy, backbone in zip(copies, backbones, strict=True)
    ]
    room = Room(len(copies) * budget.max_ready_characters)
    return HostedModel(_card(copies, rung), tokeniser, replicas, room=room, observer=observer)


def _budget(
    device: torch.device, max_batch_tokens: int | None, max_ready_characters: int | None
) -> DeviceBudget:
    batch_tokens = max_batch_tokens or (4096 if device.type == "cpu" else 32768)
    return DeviceBudget(
        max_batch_tokens=batch_tokens,
        max_ready_characters=max_ready_characters or 64 * batch_tokens,
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
