"""An observer that keeps what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field

from harmo.models.base import Pass


@dataclass
class Counting:
    """What a model did."""

    waits: list[float] = field(default_factory=list)
    tokenising: list[float] = field(default_factory=list)
    batches: list[Pass] = field(default_factory=list)
    real: int = 0
    splits: int = 0

    def waited(self, seconds: float) -> None:
        self.waits.append(seconds)

    def tokenised(self, seconds: float) -> None:
        self.tokenising.append(seconds)

    def forwarded(self, ran: Pass) -> None:
        self.batches.append(ran)

    def scored(self, tokens: int) -> None:
        self.real += tokens

    def split_for_memory(self) -> None:
        self.splits += 1
