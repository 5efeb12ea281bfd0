"""Stand-ins for hosted models."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from harmo.models.base import Conversations, Load, ModelCard, ModelScore


class FakeRewardModel:
    """Scores a completion by its length in characters over 100; two aspects from one run."""

    def __init__(self, name: str, aspects: tuple[str, ...] = ("reward",)) -> None:
        self.runs = 0
        self.card = ModelCard(
            name=name,
            head="scalar" if len(aspects) == 1 else "vector",
            aspects=aspects,
            meaning="raw",
            images=False,
            max_tokens=4096,
            rung="padded",
            version="sha256:fake",
            device="cpu",
        )

    async def score(
        self, group: Conversations, *, deadline_s: float | None = None
    ) -> list[ModelScore]:
        self.runs += 1
        lengths = [sum(len(str(p)) for t in c for p in t.parts) for c in group.completions]
        return [ModelScore(values=(n / 100,) * len(self.card.aspects)) for n in lengths]

    def load(self) -> Load:
        return Load()

    async def shown(self, group: Conversations) -> list[Mapping[str, object]]:
        asked = str(group.completions)
        if "unshowable" in asked:
            raise RuntimeError("no text of it")
        if "too few" in asked:
            return []
        if "too slow" in asked:
            await asyncio.sleep(60.0)
        return [{"conversation": f"<user>{turns}", "tokens": 7} for turns in group.completions]

    async def close(self) -> None: ...
