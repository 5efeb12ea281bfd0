"""Several hosted models as one whose outputs are its members': what uncertainty is read from."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence

from harmo.models.base import (
    Conversations,
    Load,
    Meaning,
    ModelCard,
    ModelScore,
    RewardModel,
    Rung,
    busiest,
)


class Ensemble:
    """A `RewardModel` made of others; it owns none of them.

    A completion that any member cannot score has that member's fault: leaving the member out would
    change what the reward means from one completion to the next.
    """

    def __init__(self, members: Sequence[RewardModel]) -> None:
        self._members = tuple(members)
        self._card = _card([member.card for member in members])

    @property
    def card(self) -> ModelCard:
        return self._card

    async def score(
        self, group: Conversations, *, deadline_s: float | None = None
    ) -> list[ModelScore]:
        work = (member.score(group, deadline_s=deadline_s) for member in self._members)
        answers = await asyncio.gather(*work)
        return [_joined(by_member) for by_member in zip(*answers, strict=True)]

    def load(self) -> Load:
        """The busiest member's, with the first fault."""
        return busiest(member.load() for member in self._members)

    async def shown(self, group: Conversations) -> list[Mapping[str, object]]:
        """Per completion what every member reads of it, by the member's name."""
        answers = await asyncio.gather(*(member.shown(group) for member in self._members))
        names = [member.card.name for member in self._members]
        return [dict(zip(names, each, strict=True)) for each in zip(*answers, strict=True)]

    async def close(self) -> None:
        """Nothing: whoever hosts the members closes them."""


def _joined(scores: Sequence[ModelScore]) -> ModelScore:
    missing = next((score for score in scores if score.fault is not None), None)
    if missing is not None:
        return missing
    return ModelScore(values=tuple(value for score in scores for value in score.values))


def _card(cards: Sequence[ModelCard]) -> ModelCard:
    """The members' card: what they have in common, the least of what they allow and share."""
    return ModelCard(
        name="+".join(card.name for card in cards),
        head="ensemble",
        aspects=tuple(name for card in cards for name in _outputs(card)),
        meaning=_meaning([card.meaning for card in cards]),
        images=all(card.images for card in cards),
        max_tokens=min(card.max_tokens for card in cards),
        rung=max((card.rung for card in cards), key=list(Rung).index),
        version="sha256:" + hashlib.sha256(" ".join(c.version for c in cards).encode()).hexdigest(),
        device="+".join(sorted({card.device for card in cards})),
    )


def _outputs(card: ModelCard) -> Sequence[str]:
    """A member's outputs under its name."""
    if len(card.aspects) == 1:
        return (card.name,)
    return tuple(f"{card.name}.{aspect}" for aspect in card.aspects)


def _meaning(meanings: Sequence[Meaning]) -> Meaning:
    """The members' meaning where they agree; numbers in [0, 1] stay that; else any number."""
    if len(set(meanings)) == 1:
        return meanings[0]
    return "raw" if "raw" in meanings else "unit"
